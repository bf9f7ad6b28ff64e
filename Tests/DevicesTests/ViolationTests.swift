import Devices
import Graph
import TestTraits
import Testing

/// What findings say that a layer has instead, and what their fixes do, in words.
@Suite("What findings say", .limited)
struct ViolationTests {
    /// What the first finding of a rule says of a network.
    struct Sentence: Sendable, CustomTestStringConvertible {
        let rule: String
        let device: Device
        let lines: [String]
        /// The end of a sentence whose subject is the layer.
        let says: String
        /// The title of the fix; nil where another test knows that there is none.
        let fix: String?

        init(
            _ rule: String, on device: Device = .t40, _ lines: String..., says: String, fix: String? = nil
        ) {
            self.rule = rule
            self.device = device
            self.lines = lines
            self.says = says
            self.fix = fix
        }

        var testDescription: String { "\(rule): \(says)" }
    }

    @Test(
        "a finding says what the layer has, and what would settle it",
        arguments: structure + layers + joins + bits + fixes)
    func sentences(_ sentence: Sentence) throws {
        let network = try Network(lines: sentence.lines, .broken)
        let finding = try #require(
            Checker.report(network, on: sentence.device).findings.first { $0.rule == sentence.rule })
        #expect(finding.actual == sentence.says)
        #expect(Checker.fix(for: finding, in: network)?.title == sentence.fix)
    }

    static let structure = [
        Sentence("input-count", "Conv2D(stem,stem)", says: "takes 1 input, has 2"),
        Sentence("cycle", "Conv2D(a)", says: "lies on a cycle"),
        Sentence("unreachable", "Conv2D()", says: "reads nothing"),
        Sentence(
            "unreachable", "Flatten(b) shape=[-1,1]", "Flatten() shape=[-1,1]", says: "no input reaches it"),
        Sentence(
            "shape", "Conv2D(stem[1])", says: "reads output 1 of 'stem', which has 1 output, counted from 0"),
        Sentence("unread-input", "input data 1x2x2", says: "nothing reads 'data'"),
        Sentence(
            "unread-output", "Conv2D outChannels=96", "Channel_Split split=[32,32,32]", "Conv2D(b[1])",
            says: "nothing reads part 0, part 2"),
        Sentence(
            "head-channels", "Conv2D outChannels=64", "head a",
            says: "gives 64 channels; a yolov5 head reads 32 of 'layer'", fix: "set a.outChannels to 32"),
        Sentence("head-output", "Conv2D", "head stem", says: "'a' reads it"),
        Sentence(
            "head-layer", "Conv2D", "head stam",
            says: "a head reads 'stam', which is no layer; did you mean 'stem'?"),
        Sentence(
            "operator-unsupported", on: .t02, "Avgpool2D", says: "T02 has no Avgpool2D"),
        Sentence(
            "operator-unsupported", on: .t02, "Conv2D focus=true",
            says: "has Focus on: T02 has no Focus"),
    ]

    static let layers = [
        Sentence(
            "preprocess-first", "input data 3x8x8", "p: Preprocess(image)",
            says: "reads 'image', which passes through 'preprocess' already"),
        Sentence("preprocess-first", "Preprocess", says: "reads the layer 'stem', not an input"),
        Sentence("batch-norm-negative", "BatchNorm activation=PReLU", says: "has PReLU on an unsigned input"),
        Sentence(
            "convolution-groups", "Conv2D outChannels=64", "Conv2D outChannels=96 groups=2",
            says: "has 32 channels in and 48 out in each of 2 groups", fix: "set b.groups to 1"),
        Sentence("focus-first", "Conv2D focus=true", says: "has Focus on, but 'stem' convolves before it"),
        Sentence(
            "dense-input", "Flatten shape=[-1,32,1024]", "FullConnected outputBits=32",
            says: "reads a sequence of 32x1024, and there is no LSTM before it"),
        Sentence(
            "channels-16", on: .txx, "Se_Block rate=4",
            says: "has 32 / 4 = 8 inner channels, not a multiple of 16", fix: "set a.rate to 2"),
        Sentence(
            "adaptive-pool-last", on: .t02, "AdaptiveAvgpool2D", "Conv2D", "Conv2D(a)",
            says: "is read by 'b', 'c'"),
        Sentence("split-parts", on: .txx, "Channel_Split split=[8,24]", says: "has parts of 8, 24"),
        Sentence("split-parts", on: .txx, "Channel_Split split=[16,8]", says: "has a part of 8"),
        Sentence(
            "embedding-inputs", "input words 8", "p: Preprocess(words)",
            "Embedding imported.multiInputs=true",
            says: "reads 1 input and was imported with multi_inputs on",
            fix: "write multiInputs as the wiring has it"),
    ]

    static let joins = [
        Sentence("max-inputs", "Max(stem)", says: "reads 1 input"),
        Sentence(
            "shortcut-shape", "Conv2D stride=2", "Shortcut(stem,a)", says: "reads 32x32x32 and 32x16x16"),
        Sentence(
            "shortcut-bits", "Conv2D outputBits=4", "Shortcut(stem,a)", says: "reads 8 and 4 bits",
            fix: "set a.outputBits to 8"),
        Sentence(
            "join-bits", "Conv2D outputBits=4", "Conv2D outputBits=4", "Route(a,stem,b)",
            says: "reads 4, 8 and 4 bits", fix: "set a.outputBits to 8, b.outputBits to 8"),
        Sentence(
            "join-bits", "Conv2D quantize=false", "Route(stem,a)", says: "reads 8 and float bits"),
        Sentence("join-sign", "Conv2D activation=Linear", "Route(stem,a)", says: "only 'a' is signed"),
        Sentence(
            "join-sign", "Conv2D activation=Linear", "Conv2D activation=Linear", "Route(a,stem,b)",
            says: "only 'a', 'b' are signed"),
    ]

    static let bits = [
        Sentence(
            "quantize-all", "Conv2D weightBits=32", "Conv2D", says: "leaves its weights in float",
            fix: "set a.weightBits to 8"),
        Sentence(
            "quantize-all", "Conv2D weightBits=32 outputBits=32", "Conv2D",
            says: "leaves its weights and activations in float",
            fix: "set a.weightBits to 8, a.outputBits to 8"),
        Sentence(
            "quantize-all", "Conv2D quantize=false outputBits=32", "Conv2D", says: "has quantize off",
            fix: "set a.quantize to true, a.outputBits to 8"),
        Sentence(
            "npu-bit-pairs", "DepthwiseConv2D",
            says: "reads 8 bits with a float result; the chip has 8"),
        Sentence(
            "npu-bit-pairs", "Conv2D outputBits=2 clip=4.0", "Conv2D weightBits=4",
            says: "reads 8 bits with a result of 2; the chip has 4, 8, float", fix: "set a.outputBits to 4"),
        Sentence(
            "npu-bit-pairs", "Flatten shape=[-1,32768]", "FullConnected weightBits=6 outputBits=32",
            says: "reads 8 bits with weights of 6; the chip has 2, 4, 8", fix: "set b.weightBits to 8"),
        Sentence(
            "npu-bit-pairs", "Mul(stem,stem) outputBits=10", "Conv2D",
            says: "reads 10 bits, for which the chip has no Conv2D"),
        Sentence(
            "accumulator", on: .txx, "Conv2D weightBits=4", "Conv2D",
            says: "reaches 589824, at most 73728 here"),
        Sentence(
            "auto-channels", on: .txx, "Conv2D outChannels=65 weightBits=4 autoBitwidth=true",
            says: "gives 65, at most 64 here", fix: "set a.autoBitwidth to false"),
        Sentence(
            "clip-recommended", "Conv2D outputBits=4", "Conv2D",
            says: "has 6.0 at 4 bit, 4.0 is recommended", fix: "set a.clip to 4.0"),
        Sentence(
            "factor-recommended", "Conv2D weightBits=2", says: "has 3.0 at 2 bit, 2.0 is recommended",
            fix: "set a.weightFactor to 2.0"),
    ]

    static let fixes = [
        Sentence(
            "preprocess-first", "Conv2D(image)", says: "reads the input 'image' directly",
            fix: "read 'image' through 'preprocess'"),
        Sentence(
            "preprocess-first", "input data 3x8x8", "Conv2D(data)", says: "reads the input 'data' directly",
            fix: "read 'data' through a new Preprocess"),
        Sentence(
            "convolution-depthwise", on: .txx, "Conv2D groups=32", says: "has 32 groups, as many as channels",
            fix: "make a a DepthwiseConv2D"),
        Sentence(
            "convolution-kernel", on: .t02, "Conv2D kernelHeight=1 kernelWidth=1", says: "has a 1x1 kernel",
            fix: "set a.kernelHeight to 3, a.kernelWidth to 3, a.padding to 1"),
        Sentence(
            "batch-norm-relu", "Conv2D activation=Linear", "BatchNorm activation=ReLU6",
            says: "has ReLU6 on a signed input"),
        Sentence(
            "quantize-none", "stem quantize=false", "Conv2D quantize=false",
            says: "computes in float, as 1 other layer does", fix: "quantize 2 layers"),
        Sentence("convolution-kernel", on: .t02, "Conv2D kernelHeight=1", says: "has a 1x3 kernel"),
        Sentence(
            "dense-input", "Maxpool2D", "FullConnected outputBits=32", says: "reads a map of 32x16x16",
            fix: "flatten 32x16x16 in front of b"),
        Sentence(
            "channels-32", "Conv2D outChannels=33", "Maxpool2D", "Conv2D",
            says: "reads 33 channels, not a multiple of 32", fix: "set a.outChannels to 64"),
        Sentence(
            "channels-16", on: .txx, "Conv2D outChannels=24 activation=PReLU",
            says: "has PReLU on 24 channels, not a multiple of 16"),
        Sentence(
            "maxpool-window", on: .t02, "Maxpool2D kernelHeight=3 padding=1",
            says: "pools 3x2 with stride 2 and padding 1",
            fix: "set a.kernelHeight to 2, a.kernelWidth to 2, a.stride to 2, a.padding to 0"),
        Sentence(
            "flatten-cover", "Flatten shape=[-1,7]", says: "has [-1, 7] for 32768 elements",
            fix: "set a.shape to [-1,32768]"),
        Sentence(
            "split-sum", on: .txx, "Channel_Split split=[16,32]", says: "has parts of 48 for 32 channels",
            fix: "set a.split to [16,16]"),
        Sentence(
            "split-sum", on: .txx, "Channel_Split split=[32,16]", says: "has parts of 48 for 32 channels"),
        Sentence(
            "pixel-shuffle-channels", "Conv2D outChannels=132", "Pixel_Shuffle", "Conv2D", says: "gives 33",
            fix: "set a.outChannels to 256"),
        Sentence(
            "npu-weight-bits", "Conv2D weightBits=5", says: "has 5", fix: "set a.weightBits to 6"),
        Sentence(
            "npu-feature-bits", "Avgpool2D outputBits=3", says: "has 3", fix: "set a.outputBits to 4"),
        Sentence(
            "npu-feature-bits", "Conv2D outputBits=10 quantizeLastFeature=true", says: "has 10",
            fix: "set a.outputBits to 8"),
        Sentence(
            "simd-weight-bits", on: .txx, "Conv2D weightBits=3", says: "has 3", fix: "set a.weightBits to 4"),
        Sentence(
            "simd-feature-bits", on: .txx, "Conv2D outputBits=3 clip=4.0", "Conv2D", says: "has 3",
            fix: "set a.outputBits to 4"),
        Sentence(
            "simd-feature-bits", on: .txx, "Conv2D outputBits=12", "Conv2D", says: "has 12",
            fix: "set a.outputBits to 8"),
    ]
}
