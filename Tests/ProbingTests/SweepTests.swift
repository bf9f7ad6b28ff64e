import Devices
import Dispatch
import Foundation
import Graph
import QAT
import Synchronization
import TestSupport
import TestTraits
import Testing

@testable import Probing

/// What sweeps measure, put together, keep and refuse.
@Suite("Sweeps", .limited(minutes: 30))
struct SweepTests {
    private func request(
        _ fault: FaultyCase, _ change: (inout SweepRequest) -> Void = { _ in }
    ) -> SweepRequest {
        var look = ProbeRequest(fault.network, on: fault.device.family)
        (look.weights, look.data) = (fault.weights, "glyphs")
        var request = SweepRequest(look, on: fault.device)
        change(&request)
        return request
    }

    private func swept(_ request: SweepRequest, cache: SweepCache? = nil) throws -> SweepResult {
        let sweep = try Sweep(request, cache: cache)
        while try sweep.advance() {}
        return sweep.result
    }

    /// The SQNR of a network's results, from a look of its own.
    private func sqnr(_ request: SweepRequest, _ edit: Edit?) throws -> Double? {
        var look = request.probe
        if let edit { look.network = try look.network.applying(edit) }
        return Probe().report(look)?.outputSQNR(of: look.network)
    }

    /// The rules that layers break.
    private func violations(_ network: Network) -> Set<String> {
        let found = Checker.reports(on: network, for: [.t40])[0].findings
        return Set(found.filter { $0.severity > .advice }.map { "\($0.rule) \($0.layer ?? "")" })
    }

    @Test("each trial is what a look at the changed network gives")
    func trials() throws {
        let request = request(try FaultyCase(seed: 1))
        let result = try swept(request)
        // Eight convolutions and the scores, with 2, 4, 6 and 8 bits; the NPU has no 6 for a FullConnected.
        #expect(result.trials.count == 36 && result.isComplete && result.progress.done == result.progress.of)
        #expect(result.trials.filter(\.isForbidden).map(\.choice.assignment) == ["scores.weightBits=6"])
        #expect(try result.baseline?.sqnr == sqnr(request, nil))
        for trial in result.trials.filter({ $0.choice.layer == "conv3" || $0.choice.layer == "scores" }) {
            guard !trial.isForbidden else { continue }
            #expect(try trial.measure?.sqnr == sqnr(request, trial.choice.edit), "\(trial.choice.assignment)")
        }
        let bytes = result.trials.filter { $0.choice.layer == "conv3" }.compactMap { $0.cost?.weightBytes }
        // 12 x 12 x 3 x 3 weights: 2 bits are 324 bytes.
        #expect(zip(bytes, bytes.dropFirst()).allSatisfy { $1 - $0 == 324 } && bytes.count == 4)
    }

    @Test("mixes cost more and lose less from one to the next, are what they say, and keep the rules")
    func mixes() throws {
        let request = request(try FaultyCase(seed: 2)) { $0.widths = [4, 8] }
        let result = try swept(request)
        #expect(result.mixes.count >= 3)
        for (mix, next) in zip(result.mixes, result.mixes.dropFirst()) {
            #expect(mix.cost.weightBytes < next.cost.weightBytes)
            #expect(try #require(mix.measure?.sqnr) < (next.measure?.sqnr ?? .infinity))
        }
        for mix in result.mixes {
            #expect(mix.choices.allSatisfy { [4, 8].contains($0.value) })
            #expect(try mix.measure?.sqnr == sqnr(request, mix.edit))
            guard let edit = mix.edit else { continue }
            let changed = try request.probe.network.applying(edit)
            #expect(Analysis(changed, on: .npu).cost.total.weightBytes == mix.cost.weightBytes)
            #expect(violations(changed).isSubset(of: violations(request.probe.network)))
        }
        // What is predicted from single layers is near what comes out.
        let apart = result.mixes.compactMap { mix in
            mix.predicted.flatMap { f in mix.measure?.sqnr.map { abs($0 - f) } }
        }
        #expect(!apart.isEmpty && apart.allSatisfy { $0 < 3 }, "\(apart)")
    }

    @Test("a layer that cannot lose bits keeps them in every mix but the smallest")
    func sensitive() throws {
        var fault = try FaultyCase(seed: 3)
        // One weight of 100 stretches the channel: few levels are left for the others.
        for row in 0..<12 { try fault.setWeight("conv4.weight", row: row, to: 20) }
        let result = try swept(request(fault) { $0.widths = [4, 8] })
        let alone = result.trials.filter { $0.choice.value == 4 }
        let worst = alone.min { ($0.measure?.sqnr ?? .infinity) < ($1.measure?.sqnr ?? .infinity) }
        #expect(worst?.choice.layer == "conv4")
        let touched = result.mixes.filter { mix in mix.choices.contains { $0.layer == "conv4" } }
        #expect(touched.count <= 1 && result.mixes.count > 3)
    }

    @Test("the mix of a budget fills it")
    func budget() throws {
        let fault = try FaultyCase(seed: 4)
        let own = request(fault).ownCost
        let result = try swept(request(fault) { ($0.widths, $0.budget) = ([4, 8], own * 7 / 10) })
        let mix = try #require(result.best(within: own * 7 / 10))
        #expect(mix.cost.weightBytes <= own * 7 / 10 && mix.cost.weightBytes > own * 6 / 10)
        #expect(result.best(within: own / 10) == nil)
    }

    @Test("results can have other bits too; costs can be operations")
    func results() throws {
        let result = try swept(
            request(try FaultyCase(seed: 5)) { ($0.tensors, $0.cost) = (.both, .operations) })
        #expect(Set(result.trials.map(\.choice.field)) == ["weightBits", "outputBits"])
        let smallest = try #require(result.mixes.first)
        #expect(smallest.cost.operations < result.cost.operations)
        for mix in result.mixes {
            let changed =
                try mix.edit.map(result.request.probe.network.applying) ?? result.request.probe.network
            #expect(
                violations(changed).isSubset(of: violations(result.request.probe.network)), "\(mix.words)")
        }
    }

    @Test(
        "a planted clip and a planted factor are found, and what is kept gains as it says",
        arguments: 1...3 as ClosedRange<UInt64>)
    func ranges(seed: UInt64) throws {
        var fault = try FaultyCase(seed: seed)
        try fault.edit("conv5", "clip", .number(500))
        try fault.edit("conv2", "weightFactor", .number(0.5))
        for (setting, layer) in [(SweepRequest.Setting.clip, "conv5"), (.factor, "conv2")] {
            let request = request(fault) { $0.setting = setting }
            let result = try swept(request)
            let own = try #require(result.baseline?.sqnr)
            let planted = result.mixes.last?.choices.first { $0.layer == layer }
            #expect(setting == .clip ? planted?.value ?? 500 < 100 : planted?.value ?? 0 > 0.5)
            var before = own
            for mix in result.mixes {
                let then = try #require(mix.measure?.sqnr)
                #expect(try then == sqnr(request, mix.edit) && then > before)
                before = then
            }
            #expect(before > own)
        }
    }

    @Test("clips far off are all repaired, also where the network's results hardly show it")
    func repairs() throws {
        var fault = try FaultyCase(seed: 2)
        try fault.edit("conv3", "clip", .number(0.02))
        try fault.edit("conv5", "clip", .number(500))
        // Numbers as they are drawn, behind which little is left of the signal.
        let request = request(fault) { ($0.setting, $0.probe.weights) = (.clip, nil) }
        let result = try swept(request)
        let best = try #require(result.best(within: Int.max))
        let values = Dictionary(best.choices.map { ($0.layer, $0.value) }) { first, _ in first }
        #expect(values["conv3"] ?? 0 > 0.1 && values["conv5"] ?? 500 < 100, "\(best.choices)")
        let (own, then) = (try #require(result.baseline?.sqnr), try #require(best.measure?.sqnr))
        #expect(then >= own)
        #expect(try then == sqnr(request, best.edit))
    }

    @Test("a sweep that is cancelled again and again comes to the same")
    func cancelled() throws {
        let request = request(try FaultyCase(seed: 6)) { $0.widths = [4, 8] }
        let whole = try swept(request)
        let sweep = try Sweep(request)
        var calls = 0
        while !sweep.result.isComplete {
            calls += 1
            _ = try sweep.advance { calls % 3 != 0 }
        }
        #expect(calls > whole.progress.done)
        #expect(sweep.result.trials == whole.trials && sweep.result.mixes == whole.mixes)
    }

    @Test("what was measured is kept, and counts only where the network measures the same")
    func cache() throws {
        try withTemporaryFolder { folder in
            var fault = try FaultyCase(seed: 7)
            let request = request(fault) { $0.widths = [4, 8] }
            let cache = SweepCache(folder: folder)
            let first = try Sweep(request, cache: cache)
            for _ in 0..<5 { _ = try first.advance() }
            first.save()
            let again = try Sweep(request, cache: cache)
            while try again.advance() {}
            #expect(
                again.measured == again.result.progress.done - 5
                    - again.result.mixes.count { $0.choices.isEmpty })
            #expect(try again.result.mixes == swept(request).mixes)
            let third = try Sweep(request, cache: cache)
            while try third.advance() {}
            #expect(third.measured == 0 && third.result.mixes == again.result.mixes)
            try fault.scaleRow("conv1.weight", row: 2, by: 3)
            let other = try Sweep(self.request(fault) { $0.widths = [4, 8] }, cache: cache)
            while try other.advance() {}
            #expect(other.measured > 10)
            try Data("{ broken".utf8).write(to: URL(filePath: folder + "/" + SweepCache.fileName))
            let broken = try Sweep(request, cache: cache)
            while try broken.advance() {}
            #expect(broken.measured > 10 && broken.result.mixes == third.result.mixes)
        }
    }

    @Test("accuracy is measured on labels, and needs weights")
    func accuracy() throws {
        let fault = try FaultyCase(seed: 8)
        let store = ParameterStore(Analysis(fault.network, on: .npu))
        store.initialize(seed: 8)
        let weights = Checkpoint.weights(store, digest: fault.network.digest)
        let result = try swept(
            request(fault) {
                ($0.widths, $0.labelled, $0.probe.data) = ([8, 4], 50, "glyphs,limit=64")
                $0.probe.weights = weights
            })
        #expect(result.trials.allSatisfy { $0.isForbidden || (0...1).contains($0.measure?.accuracy ?? -1) })
        let shares = Set(
            result.trials.compactMap { $0.measure?.accuracy.map { ($0 * 50).rounded() / 50 == $0 } })
        #expect(shares == [true])
        #expect(throws: SweepError.accuracy("the session has no trained weights; train it first")) {
            _ = try swept(request(fault) { ($0.labelled, $0.probe.weights) = (10, nil) })
        }
    }

    @Test("what cannot be swept says why")
    func refusals() throws {
        var fault = try FaultyCase(seed: 9)
        for node in fault.network.nodes where node.layer.settings.quantization != nil {
            try? fault.edit(node.name, "quantize", .flag(false))
        }
        for setting in SweepRequest.Setting.allCases {
            #expect(throws: SweepError.nothingToChange(setting)) {
                try Sweep(request(fault) { $0.setting = setting })
            }
        }
        var torn = try FaultyCase(seed: 9)
        try torn.edit("conv3", "groups", .integer(5))
        let error = #expect(throws: SweepError.self) {
            let result = try swept(request(torn))
            #expect(result.trials.isEmpty)
        }
        #expect("\(try #require(error))".contains("conv3"))
    }

    @Test("a worker sweeps while there is no request, answers requests in between, and stops")
    func worker() throws {
        let fault = try FaultyCase(seed: 10)
        let whole = try swept(request(fault) { $0.widths = [4, 8] })
        let told = Mutex<[Int]>([])
        let (done, answered) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let final = Mutex<SweepResult?>(nil)
        let worker = ProbeWorker { _ in answered.signal() }
        worker.sweep(request(fault) { $0.widths = [4, 8] }) { found in
            guard case .success(let result) = found else { return }
            told.withLock { $0.append(result.progress.done) }
            // A question in the middle of it.
            if result.progress.done == 3 { worker.submit(ProbeRequest(fault.network, on: .npu)) }
            guard result.isComplete else { return }
            final.withLock { $0 = result }
            done.signal()
        }
        #expect(
            done.waitForSignal() && answered.waitForSignal())
        #expect(final.withLock { $0?.mixes } == whole.mixes)
        let looks = told.withLock { $0 }
        #expect(looks == looks.sorted() && looks.count >= whole.progress.done)
        let failed = DispatchSemaphore(value: 0)
        worker.sweep(SweepRequest(ProbeRequest(Network(), on: .npu), on: .t40)) {
            if case .failure = $0 { failed.signal() }
        }
        #expect(failed.waitForSignal())
        worker.stopSweep()
        worker.close()
    }
}
