import Graph

/// An input that a file declares, with the size that each axis has.
struct DeclaredInput {
    /// The name in the file.
    let name: String
    /// The type of its elements, by the number of the standard.
    let type: Int32
    /// The axes, the batch first; 1 where the batch is open.
    let dims: [Int]
    /// Whether the file leaves the batch open.
    let hasOpenBatch: Bool

    /// The inputs of a file that are no weights, with the sizes that a person gave to open axes.
    static func all(
        of file: ONNXFile, sizes: [String: [Int]]
    ) throws(ONNXError) -> [DeclaredInput] {
        let inputs = file.model.graph.input.filter { file.initializers[$0.name] == nil }
        for name in sizes.keys.sorted() where !name.isEmpty && !inputs.contains(where: { $0.name == name }) {
            throw .badSize(
                "the file has no input '\(name)'; its inputs are \(inputs.map { "'\($0.name)'" }.joined(separator: ", "))"
            )
        }
        guard sizes[""] == nil || inputs.count == 1 else {
            throw .badSize(
                "the file has \(inputs.count) inputs: say which one a size is for, as \(inputs.first?.name ?? "NAME")=3x320x320"
            )
        }
        var declared: [DeclaredInput] = []
        var open: [ONNXValueInfo] = []
        for input in inputs {
            let axes = input.type.tensorType.shape.dim.map(\.size)
            let given = sizes[input.name] ?? sizes[""]
            if let given { try check(given, against: axes, of: input) }
            let behind = given ?? axes.dropFirst().map { $0 ?? 0 }
            if axes.dropFirst().contains(nil), given == nil { open.append(input) }
            declared.append(
                DeclaredInput(
                    name: input.name, type: input.type.tensorType.elemType,
                    dims: (axes.isEmpty && given == nil ? [] : [axes.first.flatMap { $0 } ?? 1]) + behind,
                    hasOpenBatch: axes.first.map { $0 == nil } ?? true))
        }
        guard open.isEmpty else {
            throw .openAxes(open.map(description), option: options(for: open, isOnly: inputs.count == 1))
        }
        return declared
    }

    /// Throws where a size contradicts what the file fixes.
    private static func check(
        _ given: [Int], against axes: [Int?], of input: ONNXValueInfo
    ) throws(ONNXError) {
        let text = given.map(String.init).joined(separator: "x")
        guard !axes.isEmpty else { return }
        guard given.count == axes.count - 1 else {
            throw .badSize(
                "\(text) has \(given.count) axes, but input '\(input.name)' has \(axes.count - 1) behind its batch"
            )
        }
        for (size, axis) in zip(given, axes.dropFirst()) {
            if let axis, axis != size {
                throw .badSize(
                    "\(text) contradicts input '\(input.name)', which the file fixes as \(axes.dropFirst().map { $0.map(String.init) ?? "?" }.joined(separator: "x"))"
                )
            }
        }
    }

    private static func description(of input: ONNXValueInfo) -> String {
        let axes = input.type.tensorType.shape.dim.map { axis in
            axis.size.map(String.init) ?? (axis.dimParam.isEmpty ? "?" : axis.dimParam)
        }
        return "input '\(input.name)' leaves axes open: \(axes.joined(separator: " x "))"
    }

    /// What to type, with sizes that are customary for pictures where the file says none.
    private static func options(for open: [ONNXValueInfo], isOnly: Bool) -> String {
        open.map { input in
            let axes = input.type.tensorType.shape.dim.dropFirst().map(\.size)
            let hasChannels = axes.count == 3 && (axes.first == 1 || axes.first == 3)
            let sizes = axes.enumerated().map { place, size in
                "\(size ?? (axes.count == 3 && place == 0 && !hasChannels ? 3 : 320))"
            }
            let text = sizes.joined(separator: "x")
            return isOnly ? "--input \(text)" : "--input \(input.name)=\(text)"
        }.joined(separator: " ")
    }
}

extension ONNXTensorShape.Dimension {
    /// The size; nil where the file leaves it open.
    fileprivate var size: Int? {
        if case .dimValue(let size)? = value, size > 0 { return Int(clamping: size) }
        return nil
    }
}
