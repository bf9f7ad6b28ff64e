package import Graph

extension Layer {
    /// The operator as a table names it, with its window: "Conv2D 3x3/2", "Depthwise 3x3", "Maxpool 2x2/2".
    package var label: String { settings.label }
}

extension NetworkShapes {
    /// The shape of a layer's result: "32x8x8"; "16+32x8x8" for the parts of a split, "1x64 +2" for two outputs more; nil while unknown.
    package func label(_ index: Int) -> String? {
        guard case .success(let shapes) = outputs[index], let first = shapes.first else { return nil }
        if shapes.count > 1, case .map(_, let height, let width) = first, shapes.allSatisfy(first.joins) {
            return shapes.map { "\($0.channels)" }.joined(separator: "+") + "x\(height)x\(width)"
        }
        return "\(first)" + (shapes.count > 1 ? " +\(shapes.count - 1)" : "")
    }
}
