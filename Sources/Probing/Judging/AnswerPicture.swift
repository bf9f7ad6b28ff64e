public import Datasets
public import QAT

/// Pictures with boxes painted into them, and many on one sheet: for files.
public struct AnswerPicture: Sendable {
    /// The picture.
    public private(set) var image: PixelImage
    private let height: Double
    private let width: Double

    /// A picture large enough to be looked at, with the boxes that are right about it in full lines.
    public init(_ picture: SamplePicture) {
        let source = picture.image
        let factor = max(1, 256 / max(1, min(source.height, source.width)))
        image = source.enlarged(factor)
        height = Double(max(1, source.height))
        width = Double(max(1, source.width))
        for box in picture.answer.boxes {
            paint(box.left, box.top, box.right, box.bottom, AnswerPicture.colour(of: box.label)) { _ in true }
        }
    }

    /// Paints what a network says: the float one in dashes, the quantized one in points.
    public mutating func paint(_ answer: NetworkAnswer, isFloat: Bool) {
        guard case .boxes(let boxes) = answer.content else { return }
        for box in boxes {
            paint(box.left, box.top, box.right, box.bottom, AnswerPicture.colour(of: box.label)) { place in
                isFloat ? place % 8 < 5 : place % 4 < 2
            }
        }
    }

    private mutating func paint(
        _ left: Float, _ top: Float, _ right: Float, _ bottom: Float,
        _ colour: (UInt8, UInt8, UInt8), where isPainted: (Int) -> Bool
    ) {
        func place(_ value: Float, _ size: Double, _ count: Int) -> Int {
            let share = Double(value) / size
            return share.isFinite ? Int(min(1, max(0, share)) * Double(count - 1)) : 0
        }
        let columns =
            place(
                left, width, image.width)...max(
                place(left, width, image.width), place(right, width, image.width))
        let rows =
            place(
                top, height, image.height)...max(
                place(top, height, image.height), place(bottom, height, image.height))
        var bytes = image.bytes
        func set(_ row: Int, _ column: Int) {
            let start = (row * image.width + column) * 3
            bytes[start] = colour.0
            bytes[start + 1] = colour.1
            bytes[start + 2] = colour.2
        }
        for column in columns where isPainted(column - columns.lowerBound) {
            set(rows.lowerBound, column)
            set(rows.upperBound, column)
        }
        for row in rows where isPainted(row - rows.lowerBound) {
            set(row, columns.lowerBound)
            set(row, columns.upperBound)
        }
        image = PixelImage(height: image.height, width: image.width, bytes: bytes)
    }

    /// The colour of a class: bright, and as far from those of the classes before as it can be.
    public static func colour(of label: Int32) -> (red: UInt8, green: UInt8, blue: UInt8) {
        // Steps of the golden ratio around the circle of hues.
        let hue = (Double(label) * 0.618034).truncatingRemainder(dividingBy: 1) * 6
        let part = UInt8(255 * (1 - abs(hue.truncatingRemainder(dividingBy: 2) - 1)))
        return switch Int(hue) {
        case 0: (255, part, 0)
        case 1: (part, 255, 0)
        case 2: (0, 255, part)
        case 3: (0, part, 255)
        case 4: (part, 0, 255)
        default: (255, 0, part)
        }
    }

    /// Pictures in rows on one black sheet, each in a field of the same size.
    public static func sheet(_ images: [PixelImage], perRow: Int, field: Int = 160) -> PixelImage {
        let gap = 4
        let rows = (images.count + perRow - 1) / perRow
        let columns = min(perRow, max(1, images.count))
        let height = rows * (field + gap) + gap
        let width = columns * (field + gap) + gap
        var bytes = [UInt8](repeating: 0, count: 3 * height * width)
        for (place, image) in images.enumerated() {
            let size = image.size(in: (field, field))
            let small = image.reduced(height: size.height, width: size.width)
            let top = gap + place / perRow * (field + gap) + (field - small.height) / 2
            let left = gap + place % perRow * (field + gap) + (field - small.width) / 2
            for row in 0..<small.height {
                let to = ((top + row) * width + left) * 3
                let from = row * small.width * 3
                bytes.replaceSubrange(
                    to..<to + small.width * 3, with: small.bytes[from..<from + small.width * 3])
            }
        }
        return PixelImage(height: height, width: width, bytes: bytes)
    }
}
