import Devices
import Graph
import TestTraits
import Testing

/// Which bits go together on the NPU, written down once more from the vendor's table.
@Suite("Bits of the NPU", .limited)
struct BitPairTests {
    /// Widths of weights and results for one width of the input; 32 is the float result of a last layer.
    struct Cell {
        let weights: Set<Int>
        let outputs: Set<Int>
    }

    static let table: [OperatorKind: [Int: Cell]] = [
        .conv2D: [
            2: Cell(weights: [2, 4], outputs: [2, 4, 8, 32]),
            4: Cell(weights: [2, 4, 6, 8], outputs: [2, 4, 8, 32]),
            8: Cell(weights: [2, 4, 6, 8], outputs: [4, 8, 32]),
        ],
        .depthwiseConv2D: [
            2: Cell(weights: [2, 4], outputs: [2, 4]),
            4: Cell(weights: [2, 4], outputs: [2, 4]),
            8: Cell(weights: [2, 4, 6, 8], outputs: [8]),
        ],
        .fullConnected: [
            2: Cell(weights: [2, 4, 8], outputs: [2, 4, 32]),
            4: Cell(weights: [2, 4, 8], outputs: [2, 4, 8, 32]),
            8: Cell(weights: [2, 4, 8], outputs: [8, 32]),
        ],
        .lstm: [
            4: Cell(weights: [4], outputs: [4]),
            8: Cell(weights: [2, 4, 6, 8], outputs: [8]),
        ],
    ]

    @Test(
        "input, weight and output bits are accepted where the table has them, and only there",
        arguments: [OperatorKind.conv2D, .depthwiseConv2D, .fullConnected, .lstm], [2, 4, 8, 10, 12])
    func pairs(kind: OperatorKind, input: Int) throws {
        let cell = BitPairTests.table[kind]?[input] ?? Cell(weights: [], outputs: [])
        for weights in [2, 4, 6, 8] {
            for output in [2, 4, 8, 32] {
                let network = try network(kind, input: input, weights: weights, output: output)
                let fits = cell.weights.contains(weights) && cell.outputs.contains(output)
                for device in [Device.t40, .t02] {
                    let isBroken = Checker.broken(network, on: device).contains(
                        Broken("npu-bit-pairs", "asked"))
                    #expect(isBroken != fits, "\(input) by \(weights) to \(output) on \(device)")
                }
                // Nothing is known about T41, and the SIMD family has rules of its own.
                for device in Device.allCases where ![.t40, .t02].contains(device) {
                    #expect(
                        !Checker.report(network, on: device).findings.contains { $0.rule == "npu-bit-pairs" })
                }
            }
        }
    }

    @Test("other operators have no pairs", arguments: ["ConvTranspose2D", "Se_Block rate=1"])
    func others(line: String) throws {
        let network = try Network(lines: ["\(line) weightBits=6 outputBits=2", "Maxpool2D"])
        #expect(!Checker.broken(network, on: .t40).contains(Broken("npu-bit-pairs", "a")))
    }

    @Test("a width that the chip has nowhere is one finding, not a pair as well", arguments: [3, 5, 7])
    func oneFinding(bits: Int) throws {
        for line in ["Conv2D weightBits=\(bits)", "Conv2D outputBits=\(bits) quantizeLastFeature=true"] {
            let rules = Checker.broken(try Network(lines: [line]), on: .t40).map(\.rule)
            #expect(
                rules.count == 1 && rules.allSatisfy { ["npu-weight-bits", "npu-feature-bits"].contains($0) })
        }
    }

    /// A layer called `asked` that reads `input` bits.
    private func network(_ kind: OperatorKind, input: Int, weights: Int, output: Int) throws -> Network {
        let producer = input > 8 ? "Mul(stem,stem) outputBits=\(input)" : "Conv2D outputBits=\(input)"
        let shape: String
        let reader: String
        switch kind {
        case .fullConnected: (shape, reader) = ("Flatten shape=[-1,32768]", "FullConnected")
        case .lstm: (shape, reader) = ("Flatten shape=[-1,32,1024]", "FullConnected")
        default: (shape, reader) = ("Maxpool2D", "Conv2D")
        }
        let asked = "asked: \(kind.rawValue) weightBits=\(weights) outputBits=\(output)"
        return try Network(lines: [producer, shape, asked] + (output == 32 ? [] : [reader]))
    }
}
