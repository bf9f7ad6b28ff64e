import Devices
import Graph
import QAT
import TestTraits
import Testing

@testable import Probing

/// What a sweep can say before its end.
@Suite("Answers of unfinished sweeps", .limited(minutes: 10))
struct SweepAnswerTests {
    private func sweep(over setting: SweepRequest.Setting, seed: UInt64 = 1) throws -> Sweep {
        let fault = try FaultyCase(seed: seed)
        var look = ProbeRequest(fault.network, on: fault.device.family)
        (look.weights, look.data, look.batches) = (fault.weights, "glyphs", 2)
        var request = SweepRequest(look, on: fault.device)
        request.setting = setting
        return try Sweep(request)
    }

    @Test(
        "before its first look a sweep says how long it will take, and nothing is left at its end",
        arguments: SweepRequest.Setting.allCases)
    func time(setting: SweepRequest.Setting) throws {
        let sweep = try sweep(over: setting)
        #expect(sweep.result.secondsLeft == nil)
        sweep.estimate()
        let first = try #require(sweep.result.secondsLeft)
        #expect(first > 0 && sweep.result.progress.done == 0)
        var others: [Double?] = []
        while try sweep.advance() { others.append(sweep.result.secondsLeft) }
        #expect(others.allSatisfy { $0 ?? -1 >= 0 } && sweep.result.secondsLeft == nil)
        sweep.estimate()
        #expect(sweep.result.secondsLeft == nil)
    }

    @Test("a change of an early layer takes longer than one of a late layer, and all layers the longest")
    func expectation() throws {
        let fault = try FaultyCase(seed: 2)
        var look = ProbeRequest(fault.network, on: fault.device.family)
        (look.weights, look.data) = (fault.weights, "glyphs")
        let times = try #require(ProbeTimes(look))
        let (first, last) = (times.trials["conv0"] ?? 0, times.trials["scores"] ?? 0)
        #expect(0 < last && last < first && first <= times.whole * 1.0001)
    }

    @Test("in the middle of a sweep over bits, the single changes that no other beats are the answer")
    func bits() throws {
        let sweep = try sweep(over: .bits)
        for _ in 0..<12 { #expect(try sweep.advance()) }
        let mixes = sweep.result.mixes
        #expect(!mixes.isEmpty && !sweep.result.isComplete)
        #expect(mixes.allSatisfy { $0.measure != nil && $0.choices.count <= 1 })
        let costs = mixes.map(\.cost.weightBytes)
        #expect(costs == costs.sorted())
        let found = mixes.map { $0.measure?.sqnr ?? .infinity }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
        // The layers that have most weights were tried first.
        let tried = Set(sweep.result.trials.filter { $0.measure != nil && !$0.isPresent }.map(\.choice.layer))
        #expect(tried.count < sweep.result.rows.count)
    }

    @Test("in the middle of a sweep over clips, the clip that gains most is the answer")
    func clips() throws {
        let fault = try FaultyCase(seed: 3)
        var look = ProbeRequest(
            try fault.network.applying(.set(layer: "conv5", field: "clip", to: .number(60))),
            on: fault.device.family)
        (look.weights, look.data) = (fault.weights, "glyphs")
        var request = SweepRequest(look, on: fault.device)
        request.setting = .clip
        let sweep = try Sweep(request)
        for _ in 0..<2 { #expect(try sweep.advance()) }
        #expect(sweep.result.mixes.map(\.choices.first?.layer) == ["conv5"])
        let trial = sweep.result.trials.first { $0.choice == sweep.result.mixes.first?.choices.first }
        #expect(trial?.measure == sweep.result.mixes.first?.measure)
    }
}
