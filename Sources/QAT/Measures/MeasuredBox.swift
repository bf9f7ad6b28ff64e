import Datasets

/// Four sides in double precision, so that overlaps are compared as COCO's own program compares them.
struct MeasuredBox {
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double
    let area: Double

    init(left: Float, top: Float, right: Float, bottom: Float) {
        self.left = Double(left)
        self.top = Double(top)
        self.right = Double(right)
        self.bottom = Double(bottom)
        area = (self.right - self.left) * (self.bottom - self.top)
    }

    init(_ box: DetectedBox) {
        self.init(left: box.left, top: box.top, right: box.right, bottom: box.bottom)
    }

    init(_ box: ObjectBox) {
        self.init(left: box.left, top: box.top, right: box.right, bottom: box.bottom)
    }

    /// The area that both have over the area that one of them has, 0 ... 1; over the area of this box where `truth` is a crowd.
    func overlap(with truth: MeasuredBox, isCrowd: Bool = false) -> Double {
        let width = min(right, truth.right) - max(left, truth.left)
        let height = min(bottom, truth.bottom) - max(top, truth.top)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / (isCrowd ? area : area + truth.area - shared)
    }
}
