import Editing
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing

/// What a session keeps of being quantized from data, and what it says about how long that takes.
@Suite("Sessions that are quantized from data", .limited)
struct CalibrationSessionTests {
    /// A session of a small network with float weights.
    private static func floatSession(in folder: String) throws -> Session {
        let session = try SmallNetwork.session(in: folder)
        let store = ParameterStore(Analysis(session.document.network, on: .npu))
        store.initialize(seed: 2)
        try session.save(weights: Checkpoint.weights(store, digest: session.document.network.digest))
        return session
    }

    @Test("a session keeps its float model, and is quantized again from it")
    func again() throws {
        try withTemporaryFolder { folder in
            var session = try Self.floatSession(in: folder)
            var request = try session.calibrationRequest(
                data: "glyphs", samples: 16, widths: BitWidths(8), seed: 1)
            let first = try #require(try Calibration(request).run())
            try session.adopt(first)
            var opened = try Session.open(session.path)
            let model = try #require(try opened.floatModel())
            #expect(model.weights == first.float.weights)
            #expect(opened.document.network == first.network)
            let mixed = BitWidths(weights: 4, activations: 8)
            request = try opened.calibrationRequest(data: "glyphs", samples: 16, widths: mixed, seed: 1)
            let second = try #require(try Calibration(request).run())
            try opened.adopt(second)
            let quantization = second.network["conv1"]?.layer.settings.quantization
            #expect(quantization?.weightBits == 4 && quantization?.outputBits == 8)
            // An edit that takes a layer of the float model away is refused by its name.
            opened.document.network = try opened.document.network.applying(.remove(layer: "conv1"))
            #expect(throws: CalibrationError.self) {
                try opened.calibrationRequest(data: "glyphs", samples: 16, widths: BitWidths(4), seed: 1)
            }
        }
    }

    @Test("samples are read first, a share at a time, and a request to stop ends that too")
    func reading() throws {
        try withTemporaryFolder { folder in
            let session = try Self.floatSession(in: folder)
            var shares: [Double] = []
            _ = try session.calibrationRequest(data: "glyphs", samples: 4, widths: nil, seed: 1) { progress in
                #expect(progress.step == .samples)
                shares.append(progress.share)
                return true
            }
            #expect(shares == [0, 0, 0.25, 0.5, 0.75])
            #expect(throws: CancellationError.self) {
                try session.calibrationRequest(data: "glyphs", samples: 4, widths: nil, seed: 1) {
                    $0.share < 0.5
                }
            }
        }
    }

    @Test(
        "what a calibration will take is timed with a few of its samples, and changes nothing of its result")
    func expectation() throws {
        try withTemporaryFolder { folder in
            let session = try Self.floatSession(in: folder)
            let calibration = try Calibration(
                try session.calibrationRequest(data: "glyphs", samples: 48, widths: BitWidths(8), seed: 1))
            let expected = try calibration.expectation()
            #expect(Set(expected.seconds.keys) == [.channels, .ranges, .correction])
            #expect(expected.seconds.values.allSatisfy { $0 > 0 && $0 < 600 })
            let after = try #require(try calibration.run())
            let alone = try #require(
                try Calibration(
                    try session.calibrationRequest(
                        data: "glyphs", samples: 48, widths: BitWidths(8), seed: 1)
                ).run())
            #expect(after.weights == alone.weights && after.network == alone.network)
            // One sample has no second one to tell its share from what comes before.
            let one = try Calibration(
                try session.calibrationRequest(data: "glyphs", samples: 1, widths: BitWidths(8), seed: 1))
            #expect(try one.expectation().seconds.values.allSatisfy { $0 > 0 })
        }
    }

    @Test("a sweep measures a network that was quantized from data as an inspection does")
    func sweep() throws {
        try withTemporaryFolder { folder in
            var session = try Self.floatSession(in: folder)
            let request = try session.calibrationRequest(
                data: "glyphs", samples: 48, widths: BitWidths(8), seed: 1)
            try session.adopt(try #require(try Calibration(request).run()))
            let opened = try Session.open(session.path)
            let inspection = try opened.inspectionRequest(data: "glyphs", samples: 32, seed: 1)
            let report = try #require(Probe().report(inspection))
            let sqnr = try #require(report.outputSQNR(of: opened.document.network))
            let sweep = try Sweep(SweepRequest(inspection, on: opened.document.device), cache: nil)
            while try sweep.advance() {}
            #expect(sweep.result.baseline?.sqnr == sqnr)
            #expect(sqnr > 20)
        }
    }
}
