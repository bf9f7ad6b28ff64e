import Foundation
import QAT
import TestSupport
import Testing
import Weights

@testable import Interchange

/// A model with a head that no chip computes, and what is to become of it.
struct HeadCase: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// The layers that the network ends with.
    var ends: [String]
    /// The operators of the head.
    var host: [String]
    /// Samples that are run, where the file leaves the batch open.
    var batch = 1
    private let text: @Sendable () -> ModelText

    init(
        _ name: String, ends: [String], host: [String], batch: Int = 1,
        _ text: @escaping @Sendable () -> ModelText
    ) {
        testDescription = name
        self.ends = ends
        self.host = host
        self.batch = batch
        self.text = text
    }

    /// The model.
    var model: ModelText { text() }

    /// Numbers for the input "x" of 3x8x8.
    var tensors: Safetensors {
        var random = SeededGenerator(seed: 5)
        let numbers = (0..<batch * 192).map { _ in Float.random(in: -1...1, using: &random) }
        return Safetensors([.init("x", numbers, shape: [batch, 3, 8, 8])])
    }
}

extension ModelText {
    /// A convolution with made-up weights, padded to keep the size of a map but for its stride.
    mutating func conv(
        _ input: String, _ output: String, _ channels: (Int, Int), kernel: Int = 3, stride: Int = 1
    ) {
        let dims = [channels.1, channels.0, kernel, kernel]
        weight("\(output).w", (0..<dims.reduce(1, *)).map { Float($0 * 7 % 11) / 11 - 0.4 }, dims)
        let pad = kernel / 2
        add(
            "Conv", [input, "\(output).w"], output,
            [
                .integers("kernel_shape", [kernel, kernel]), .integers("pads", [pad, pad, pad, pad]),
                .integers("strides", [stride, stride]),
            ])
    }

    /// A convolution of x with 8 channels and a ReLU: "stem".
    static func stem(opset: Int = 13, batch: Int = 1) -> ModelText {
        var model = ModelText(opset: opset)
        model.input("x", [batch, 3, 8, 8])
        model.conv("x", "first", (3, 8))
        model.add("Relu", ["first"], "stem")
        return model
    }
}

extension HeadCase {
    static let all = [
        HeadCase(
            "an SSD's scores and boxes", ends: ["s0_node", "b0_node", "down_node_result", "s1_node"],
            host: [
                "Transpose", "Reshape", "Transpose", "Reshape", "Transpose", "Reshape", "Concat", "Softmax",
                "Slice", "Mul", "Exp", "Add",
            ].sorted()
        ) {
            var model = ModelText.stem()
            model.conv("stem", "s0", (8, 6))
            model.conv("stem", "b0", (8, 8))
            model.conv("stem", "down", (8, 4), stride: 2)
            model.conv("down", "s1", (4, 6))
            model.integers("scores", [1, -1, 3])
            model.integers("places", [1, -1, 4])
            for (name, shape) in [("s0", "scores"), ("s1", "scores"), ("b0", "places")] {
                model.add("Transpose", [name], "\(name)t", [.integers("perm", [0, 2, 3, 1])])
                model.add("Reshape", ["\(name)t", shape], "\(name)r")
            }
            model.add("Concat", ["s0r", "s1r"], "joined", [.integer("axis", 1)])
            model.add("Softmax", ["joined"], "classes", [.integer("axis", 2)])
            model.integers("two", [2])
            model.integers("four", [4])
            model.add("Slice", ["b0r", "two", "four", "two"], "sizes")
            model.weight("tenth", [0.1], [])
            model.weight("priors", (0..<256).map { Float($0) / 100 }, [128, 2])
            model.add("Mul", ["sizes", "tenth"], "small")
            model.add("Exp", ["small"], "grown")
            model.add("Add", ["grown", "priors"], "boxes")
            model.output("classes")
            model.output("boxes")
            // What is read inside the network as well is a result too.
            model.output("down")
            return model
        },
        HeadCase(
            "bins that are read as their mean place", ends: ["bins_node"],
            host: ["Reshape", "Transpose", "Softmax", "Conv", "Reshape"].sorted(), batch: 3
        ) {
            var model = ModelText.stem(batch: 0)
            model.conv("stem", "bins", (8, 32), kernel: 1)
            model.integers("split", [-1, 4, 8, 64])
            model.add("Reshape", ["bins", "split"], "apart")
            model.add("Transpose", ["apart"], "turned", [.integers("perm", [0, 2, 1, 3])])
            model.add("Softmax", ["turned"], "share", [.integer("axis", 1)])
            model.weight("count", (0..<8).map { Float($0) }, [1, 8, 1, 1])
            model.add("Conv", ["share", "count"], "mean", [.integers("kernel_shape", [1, 1])])
            model.integers("boxes4", [-1, 4, 64])
            model.add("Reshape", ["mean", "boxes4"], "boxes")
            model.output("boxes")
            return model
        },
        HeadCase(
            "a map as large as the picture", ends: ["map_node"], host: ["ArgMax", "Resize"], batch: 2
        ) {
            var model = ModelText.stem(batch: 0)
            model.conv("stem", "map", (8, 4), stride: 2)
            model.add("Shape", ["x"], "whole")
            model.add("Shape", ["map"], "own")
            model.integers("zero", [0])
            model.integers("one", [1])
            model.integers("two", [2])
            model.integers("four", [4])
            model.add("Slice", ["whole", "two", "four", "zero"], "size")
            model.add("Slice", ["own", "zero", "two", "zero"], "front")
            model.add("Concat", ["front", "size"], "sizes", [.integer("axis", 0)])
            model.weight("none", [], [0])
            model.add(
                "Resize", ["map", "none", "none", "sizes"], "large",
                [.text("mode", "linear"), .text("coordinate_transformation_mode", "align_corners")])
            model.add("ArgMax", ["large"], "classes", [.integer("axis", 1)])
            model.output("classes", type: .int64)
            return model
        },
        HeadCase(
            "a classifier of old operators", ends: ["mean_node"],
            host: ["Clip", "Flatten", "Softmax", "Squeeze", "Unsqueeze"], batch: 2
        ) {
            var model = ModelText.stem(opset: 9, batch: 0)
            model.add("GlobalAveragePool", ["stem"], "mean")
            model.add("Flatten", ["mean"], "flat", [.integer("axis", 1)])
            model.add("Unsqueeze", ["flat"], "one", [.integers("axes", [1])])
            model.add("Squeeze", ["one"], "none", [.integers("axes", [1])])
            model.add("Softmax", ["none"], "share", [.integer("axis", 1)])
            model.add("Clip", ["share"], "scores", [.number("min", 0.1), .number("max", 0.2)])
            model.output("scores")
            return model
        },
        HeadCase(
            "a picture that is made larger beside the network", ends: ["preprocess_result", "rest_node"],
            host: ["Add", "Resize"]
        ) {
            var model = ModelText.stem()
            model.conv("stem", "less", (8, 3))
            model.weight("none", [], [0])
            model.weight("half", [1, 1, 0.5, 0.5], [4])
            model.add(
                "Resize", ["x", "none", "half"], "small",
                [.text("mode", "cubic"), .text("coordinate_transformation_mode", "asymmetric")])
            model.conv("less", "rest", (3, 3), stride: 2)
            model.add("Add", ["small", "rest"], "sum")
            model.output("sum")
            return model
        },
        HeadCase("numbers that depend on nothing beside the results", ends: ["last_node"], host: ["Sigmoid"])
        {
            var model = ModelText.stem()
            model.conv("stem", "last", (8, 2))
            model.add("Sigmoid", ["last"], "scores")
            model.weight("anchors", [1, 2, 3, 4], [2, 2])
            model.output("scores")
            model.output("anchors")
            return model
        },
    ]
}
