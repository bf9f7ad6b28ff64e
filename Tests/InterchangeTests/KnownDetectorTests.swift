import Graph
import Interchange
import TestSupport
import TestTraits
import Testing

/// Detectors of other people, known by their outputs.
@Suite("Known detectors", .limited)
struct KnownDetectorTests {
    /// A network with outputs of these channels on maps of these strides.
    private func network(
        _ levels: [(stride: Int, channels: [Int])], height: Int = 240, width: Int = 320
    )
        throws -> Network
    {
        var nodes: [Node] = []
        for (stride, channels) in levels {
            var trunk = Conv2D()
            trunk.outChannels = 8
            trunk.stride = stride
            trunk.padding = 1
            nodes.append(Node("trunk\(stride)", trunk.layer, inputs: ["image"]))
            for (index, count) in channels.enumerated() {
                var head = Conv2D()
                head.outChannels = count
                head.padding = 1
                nodes.append(Node("head\(stride)_\(index)", head.layer, inputs: [Source("trunk\(stride)")]))
            }
        }
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: height, width: width))], nodes: nodes)
    }

    private func levels(_ channels: [Int]) -> [(stride: Int, channels: [Int])] {
        [8, 16, 32].map { ($0, channels) }
    }

    @Test("UltraFace: priors no larger than the picture, on maps whose last row reaches beyond it")
    func ultraFace() throws {
        let network = try network([(8, [6, 12]), (16, [4, 8]), (32, [4, 8]), (64, [6, 12])])
        let found = try #require(KnownDetector.recognize(network))
        #expect(found.detector == .ultraFace && found.task.classes == ["face"])
        guard case .ssd(let head)? = found.task.heads.last else {
            Issue.record("the last head has no priors")
            return
        }
        #expect(head.scores == HeadPart("head64_0") && head.boxes == HeadPart("head64_1"))
        #expect(head.priors.map(\.width) == [128, 192, 256] && head.priors.map(\.height) == [128, 192, 240])
    }

    @Test("detectors with one head for each map")
    func others() throws {
        let cases: [(channels: [Int], detector: KnownDetector, classes: Int)] = [
            ([1, 4, 1], .yuNet, 1), ([1, 4, 1, 10], .yuNet, 1), ([80, 4, 1], .yolox, 80),
            ([7, 4, 1], .yolox, 7),
            ([112], .nanoDet, 80), ([20, 32], .nanoDet, 20), ([144], .yolov8, 80), ([64, 5], .yolov8, 5),
            ([255], .yolov5, 80), ([24], .yolov5, 3),
        ]
        for (channels, detector, classes) in cases {
            let found = try #require(KnownDetector.recognize(try network(levels(channels))))
            #expect(found.detector == detector && found.task.classes.count == classes)
            #expect(found.task.heads.count == 3)
            for head in found.task.heads {
                for (name, part) in head.parts {
                    let own = channels[Int(part.layer.suffix(1)) ?? 0]
                    #expect(part.firstChannel + head.channels(of: name, classes: classes) <= own)
                }
            }
        }
        let names = try #require(KnownDetector.recognize(try network(levels([80, 4, 1])))).task.classes
        #expect(names.first == "person" && names.last == "toothbrush")
        #expect(
            try #require(KnownDetector.recognize(try network(levels([24])))).task.classes == ["0", "1", "2"])
    }

    @Test("other outputs are of no known detector")
    func none() throws {
        for channels in [[10], [1, 4, 80], [6, 12], [15]] {
            #expect(KnownDetector.recognize(try network(levels(channels))) == nil)
        }
        #expect(KnownDetector.recognize(try network([(16, [1, 4, 1])])) == nil)
    }
}
