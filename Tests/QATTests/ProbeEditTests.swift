import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// What a look after an edit takes over from the one before.
@Suite("Probe, edit after edit", .limited)
struct ProbeEditTests {
    private func request(
        _ network: Network, on family: ArithmeticFamily, isTrained: Bool
    ) throws -> ProbeRequest {
        var request = try ProbeCase(network, on: family).request
        if !isTrained { request.weights = nil }
        request.batch = 4
        return request
    }

    @Test(
        "after random edits of random networks a probe says what a new one says",
        arguments: [ArithmeticFamily.npu, .simd], [true, false])
    func edits(family: ArithmeticFamily, isTrained: Bool) throws {
        for seed in UInt64(1)...6 {
            var random = RandomNetwork(seed: seed, on: family)
            var request = try request(random.network(), on: family, isTrained: isTrained)
            let probe = Probe()
            _ = try #require(probe.report(request))
            for number in 0..<12 {
                let edit = random.edit(of: request.network)
                guard let network = try? request.network.applying(edit) else { continue }
                request.network = network
                var kept = try #require(probe.report(request))
                var new = try #require(Probe().report(request))
                (kept.milliseconds, new.milliseconds) = (0, 0)
                #expect(kept == new, "seed \(seed), edit \(number): \(network.title(of: edit))")
            }
        }
    }

    @Test("an edit of a layer computes it and the layers behind it, and no other")
    func extent() throws {
        var request = try request(SmallNetwork.block(bits: 8, signed: false), on: .npu, isTrained: true)
        let probe = Probe()
        _ = try #require(probe.report(request))
        let known = try #require(probe.kept?.results)
        request.network = try request.network.applying(
            .set(layer: "narrow", field: "clip", to: .number(3)))
        _ = try #require(probe.report(request))
        let after = try #require(probe.kept?.results)
        for node in request.network.nodes {
            let isSame = known[node.name]?.outputs[0]?.first === after[node.name]?.outputs[0]?.first
            #expect(isSame == !["narrow", "mean", "scores"].contains(node.name), "\(node.name)")
        }
    }

    @Test("with no room to keep results, answers are the same")
    func room() throws {
        var request = try request(SmallNetwork.block(bits: 8, signed: true), on: .npu, isTrained: false)
        var whole = try #require(Probe().report(request))
        request.memoryLimit = 16 << 10
        // The least room for a look at all samples.
        while try #require(Probe().report(request)).samples < whole.samples {
            request.memoryLimit += 16 << 10
        }
        let tight = Probe()
        for _ in 0..<2 {
            var found = try #require(tight.report(request))
            #expect(tight.keptBytes <= request.memoryLimit)
            (whole.milliseconds, found.milliseconds) = (0, 0)
            (whole.keptBytes, found.keptBytes) = (0, 0)
            #expect(found == whole)
        }
    }

    @Test(
        "trials measure what looks do, on several batches, also on a base that changes",
        arguments: [ArithmeticFamily.npu, .simd], [true, false])
    func trials(family: ArithmeticFamily, isTrained: Bool) throws {
        for seed in UInt64(11)...16 {
            var random = RandomNetwork(seed: seed, on: family)
            var request = try request(random.network(), on: family, isTrained: isTrained)
            (request.batches, request.estimatesNormalization) = (2, seed.isMultiple(of: 2))
            let probe = Probe()
            let report = try #require(probe.report(request))
            let trials = try #require(probe.trials(request, after: report))
            var measured = 0
            for number in 0..<12 {
                let edit = random.edit(of: request.network)
                guard let network = try? request.network.applying(edit),
                    let finding = trials.measure(network, keeping: number.isMultiple(of: 3)),
                    case .sqnr(let sqnr) = finding
                else { continue }
                measured += 1
                var look = request
                look.network = network
                let whole = try #require(Probe().report(look))
                #expect(sqnr == whole.outputSQNR(of: network), "seed \(seed), \(network.title(of: edit))")
                if number.isMultiple(of: 3) { request.network = network }
            }
            #expect(measured >= 4)
        }
    }
}
