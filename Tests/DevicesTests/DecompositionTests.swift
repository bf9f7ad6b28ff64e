import Devices
import Graph
import TestTraits
import Testing

/// ConvTranspose2D as the composition that the manual's note names.
@Suite("Decomposition", .limited)
struct DecompositionTests {
    private func transpose() throws -> Layer {
        let settings: [(String, FieldValue)] = [
            ("outChannels", .integer(48)), ("activation", .choice("PReLU")), ("batchNorm", .flag(true)),
            ("bias", .flag(false)), ("weightBits", .integer(4)), ("outputBits", .integer(4)),
            ("clip", .number(4)),
        ]
        return try settings.reduce(Layer.quantized(.convTranspose2D)) { try $0.setting($1.0, to: $1.1) }
    }

    @Test("T40 and T41 unpool and convolve", arguments: [Device.t40, .t41])
    func unpoolAndConvolution(device: Device) throws {
        let steps = try #require(Decomposition.steps(of: try transpose(), on: device))
        #expect(steps.map(\.title) == ["Unpool2D 2x2", "Conv2D 3x3"])
        #expect(Decomposition.summary(of: try transpose(), on: device) == "Unpool2D 2x2 nearest, Conv2D 3x3")
    }

    @Test("Txx, Xs1 and Xs2 unpool, convolve by channel, then convolve 1x1", arguments: [Device].simd)
    func depthwiseBetween(device: Device) throws {
        let steps = try #require(Decomposition.steps(of: try transpose(), on: device))
        #expect(steps.map(\.title) == ["Unpool2D 2x2", "DepthwiseConv2D 3x3", "Conv2D 1x1"])
        #expect(
            Decomposition.summary(of: try transpose(), on: device)
                == "Unpool2D 2x2 nearest, DepthwiseConv2D 3x3, Conv2D 1x1")
    }

    @Test("3x3 steps keep the size, and only the last one adds a bias", arguments: Device.allCases)
    func padding(device: Device) throws {
        let steps = try #require(
            Decomposition.steps(of: OperatorKind.convTranspose2D.defaultLayer, on: device))
        for step in steps where step.title.hasSuffix("3x3") {
            #expect(step.value(of: "padding") == .integer(1))
        }
        for (index, step) in steps.enumerated() where step.value(of: "bias") != nil {
            #expect(step.value(of: "bias") == .flag(index == steps.count - 1))
        }
    }

    @Test("the manual names nothing for T02")
    func nothing() throws {
        #expect(Decomposition.steps(of: try transpose(), on: .t02) == [])
        #expect(Decomposition.summary(of: try transpose(), on: .t02) == "nothing that the manual names")
    }

    /// T02 is not among them: the manual names no steps for it.
    private static let lowering = Device.allCases.filter { $0 != .t02 }

    @Test("the steps give the shape that the layer gives, and have its parameters", arguments: lowering)
    func sameShape(device: Device) throws {
        let layer = try transpose()
        let input = Shape.map(channels: 32, height: 5, width: 7)
        let steps = try #require(Decomposition.steps(of: layer, on: device))
        #expect(!steps.isEmpty)
        var shapes = [input]
        var parameters = 0
        for step in steps {
            parameters += step.settings.parameters(for: shapes, on: device.family).reduce(0) { $0 + $1.count }
            shapes = try step.settings.outputShapes(of: shapes)
        }
        #expect(shapes == (try layer.settings.outputShapes(of: [input])))
        let own = layer.settings.parameters(for: [input], on: device.family).reduce(0) { $0 + $1.count }
        // The depthwise step may have an activation of its own but no bias; it learns nothing more.
        #expect(parameters == own)
    }

    @Test("the last step keeps the layer's own settings", arguments: lowering)
    func settings(device: Device) throws {
        let layer = try transpose()
        let last = try #require(Decomposition.steps(of: layer, on: device)?.last)
        for field in layer.kind.fields {
            #expect(last.value(of: field.name) == layer.value(of: field.name), "\(field.name)")
        }
    }

    @Test(
        "every other operator runs as itself",
        arguments: OperatorKind.allCases.filter { $0 != .convTranspose2D })
    func others(kind: OperatorKind) {
        for device in Device.allCases {
            #expect(Decomposition.steps(of: kind.defaultLayer, on: device) == nil)
            #expect(Decomposition.summary(of: kind.defaultLayer, on: device) == nil)
        }
    }
}
