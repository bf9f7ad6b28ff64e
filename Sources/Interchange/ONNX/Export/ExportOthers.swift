import Foundation
import Graph
import QAT

// Layers without weights, and tables.
extension ExportRun {
    func pool(_ type: String, _ window: Window, _ value: String) {
        let sides = sides(of: window, on: input)
        // A pad counts as a value here: ONNX's own would lose against any, or be left out.
        let source = sides.contains { $0 != 0 } ? padded(value, sides, with: padValue) : value
        let result = writer.add(
            type, [source],
            [
                .integers("kernel_shape", [window.height, window.width]),
                .integers("strides", [window.stride, window.stride]),
            ], into: type == "MaxPool" ? node.name : nil)
        if type != "MaxPool" { _ = quantize(result, signal, clip: 1, into: node.name) }
    }

    func globalMean(_ settings: AdaptiveAvgpool2D, _ value: String) {
        let mean = writer.add("GlobalAveragePool", [value])
        let kept = settings.keepDimensions ? mean : reshape(mean, outputs[0])
        _ = quantize(kept, signal, clip: 1, into: node.name)
    }

    func unpool(_ settings: Unpool2D, _ value: String) {
        let down = settings.kernelHeight
        let across = settings.kernelWidth
        switch settings.mode {
        case .nearest: _ = resized(value, "nearest", by: (down, across), into: node.name)
        case .bilinear: _ = resized(value, "linear", by: (down, across), into: node.name)
        case .zero:
            guard case .map(let channels, let height, let width) = input else { return }
            let apart = writer.add(
                "Reshape", [value, writer.integers([-1, channels, height, 1, width, 1])])
            let filled = writer.add(
                "Pad",
                [
                    apart, writer.integers([0, 0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, across - 1]),
                    writer.scalar(padValue),
                ])
            _ = reshape(filled, outputs[0], into: node.name)
        }
    }

    func resized(
        _ value: String, _ mode: String, by factors: (Int, Int), into output: String? = nil
    ) -> String {
        let isNearest = mode == "nearest"
        return writer.add(
            "Resize",
            [
                value, "",
                writer.floats(
                    "factors{\(factors.0),\(factors.1)}", [1, 1, Float(factors.0), Float(factors.1)]),
            ],
            [
                .text("mode", mode),
                .text("coordinate_transformation_mode", isNearest ? "asymmetric" : "half_pixel"),
            ] + (isNearest ? [.text("nearest_mode", "floor")] : []), into: output)
    }

    func sum(_ settings: Shortcut, _ inputs: [String]) {
        let sum = writer.add("Add", inputs)
        if signal.isFloat {
            _ = named(activated(sum, settings.activationFunction, outputs[0]), node.name)
        } else {
            let clip = Float(min(settings.quantizers.clip, Shortcut.largestClip))
            _ = quantize(sum, signal, clip: clip, into: node.name)
        }
    }

    func embedding(_ settings: Embedding, _ inputs: [String]) throws(ONNXError) {
        guard let table = parameter("weight") else {
            throw .network("layer '\(node.name)' has no table")
        }
        let last = writer.tensor(
            "last{\(settings.vocabularySize)}", .int64, [],
            withUnsafeBytes(of: Int64(settings.vocabularySize - 1).littleEndian) { .init($0) })
        let first = writer.tensor("first{}", .int64, [], withUnsafeBytes(of: Int64(0)) { .init($0) })
        let vectors = zip(node.inputs, inputs).map { source, value in
            var indices = value
            if !isIndex(source.name) {
                indices = writer.add(
                    "Cast", [writer.add("Round", [value])],
                    [.integer("to", Int(ONNXElementType.int64.rawValue))])
            }
            let held = writer.add("Clip", [indices, first, last])
            return writer.add("Gather", [table, held], [.integer("axis", 0)])
        }
        let joined = vectors.count == 1 ? vectors[0] : writer.add("Concat", vectors, [.integer("axis", 2)])
        _ = quantize(joined, signal, clip: 6, into: node.name)
    }
}
