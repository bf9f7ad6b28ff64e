import Devices
import Foundation
import Graph
import Interchange
import QAT
import TestSupport
import TestTraits
import Testing

/// A chip, the bits of a network and the sign of what its operators read.
struct PairCase: CustomTestStringConvertible, Sendable {
    let device: Device
    let widths: Widths
    let isSigned: Bool

    var testDescription: String { "\(device), \(widths), \(isSigned ? "signed" : "unsigned")" }

    /// Both families, every number of bits from 2 to 8 in weights and results, and those that a chip mixes.
    static let all: [PairCase] = [Device.t40, .txx].flatMap { device in
        ((2...8).map { Widths($0, $0) } + [Widths(6, 8), Widths(8, 4), Widths(8, 7)]).flatMap { widths in
            [false, true].map { PairCase(device: device, widths: widths, isSigned: $0) }
        }
    }
}

/// Whatever `check` takes runs: an operator behind an operator, with every activation, sign and number of bits.
@Suite("Pairs of operators", .limited)
struct OperatorPairTests {
    /// How many pairs ran, and how many a chip refused.
    struct Count {
        var ran = 0
        var refused = 0

        static func += (left: inout Count, right: Count) {
            left.ran += right.ran
            left.refused += right.refused
        }
    }

    /// How much of a network is tried.
    enum Depth {
        /// A step of training, and whole numbers.
        case running
        /// That, float training, the probe and every export.
        case everything
    }

    /// Whether every pair is tried at every width and sign, not only at one on each family.
    private static let triesAll = ProcessInfo.processInfo.environment["MAGIKBENCH_PAIRS"] == "all"

    @Test("every operator runs at every width and sign that check takes, in every form, or is refused")
    func everyWidth() throws {
        var count = Count()
        for test in PairCase.all {
            var trunk = try OperatorTrunk(on: test.device, test.widths, isSigned: test.isSigned)
            let branches = try branch(&trunk, behind: "stem")
            // What is exported and looked at does not hang on the number of bits.
            let isWhole =
                OperatorPairTests.triesAll
                || [4, 8].contains(test.widths.features)
                    && test.widths.features == test.widths.weights
                    && test.isSigned == (test.widths.features == 8)
            count += try run(
                trunk, branches, "the stem on \(test.testDescription)", isWhole ? .everything : .running)
        }
        print("operators at every width and sign: \(count.ran) ran, \(count.refused) refused")
        #expect(count.ran >= 700)
    }

    /// Every operator behind one source.
    private func branch(_ trunk: inout OperatorTrunk, behind source: Source) throws -> Set<String> {
        var branches: Set<String> = []
        for consumer in OperatorVariant.all where consumer.kind != .preprocess {
            guard let result = try trunk.grow(consumer, on: [source], owner: consumer.name) else { continue }
            for output in 0..<trunk.outputs(of: result) {
                try trunk.end(result, output: output, owner: consumer.name)
            }
            branches.insert(consumer.name)
        }
        return branches
    }

    @Test("an operator behind an operator runs wherever check takes both, or is refused with a reason")
    func pairs() throws {
        var count = Count()
        // Results of other activations have the sign and the form of one of these.
        let producers = OperatorVariant.all.filter {
            OperatorPairTests.triesAll
                || [nil, Activation.none, Activation.linear, Activation.hsigmoid].contains($0.activation)
        }
        for (number, producer) in producers.enumerated() {
            for test in OperatorPairTests.cases(number) {
                var trunk = try OperatorTrunk(on: test.device, test.widths, isSigned: test.isSigned)
                let source =
                    producer.kind == .preprocess
                    ? Source("preprocess") : try trunk.grow(producer, on: ["stem"], owner: "producer")
                let branches = try branch(&trunk, behind: try #require(source, "\(producer)"))
                count += try run(trunk, branches, "\(producer) on \(test.testDescription)", .running)
            }
        }
        print("pairs of operators: \(count.ran) ran, \(count.refused) refused")
        #expect(count.ran >= 1200)
    }

    /// The cases that a producer is tried in: all, or one, on each family in turn.
    private static func cases(_ number: Int) -> [PairCase] {
        if triesAll { return PairCase.all }
        let both = [(Device.t40, [Widths(8, 8), Widths(4, 4)]), (.txx, [Widths(4, 4), Widths(8, 8)])].map {
            device, widths in
            PairCase(device: device, widths: widths[number / 2 % 2], isSigned: (number / 4).isMultiple(of: 2))
        }
        return number == 0 ? both : [both[number % 2]]
    }

    @Test("two operators joined run wherever check takes both, or are refused with a reason")
    func joins() throws {
        var count = Count()
        for test in OperatorPairTests.triesAll ? PairCase.all : OperatorPairTests.cases(0) {
            count += try runJoins(test)
        }
        print("joined operators: \(count.ran) ran, \(count.refused) refused")
        #expect(count.ran >= 700)
    }

    private func runJoins(_ test: PairCase) throws -> Count {
        var count = Count()
        let variants = OperatorVariant.all.filter {
            // Activations set results apart by their sign alone.
            $0.kind != .preprocess && [nil, Activation.none, Activation.linear].contains($0.activation)
        }
        for join in OperatorVariant.all
        where join.joins && [nil, Activation.linear].contains(join.activation) {
            var trunk = try OperatorTrunk(on: test.device, test.widths, isSigned: test.isSigned)
            let sources = try variants.compactMap { try trunk.grow($0, on: ["stem"], owner: $0.name) }
            for first in sources.indices {
                var own = trunk
                var branches: Set<String> = []
                for second in sources[first...].indices {
                    let name = "join-\(second)"
                    guard let result = try own.grow(join, on: [sources[first], sources[second]], owner: name)
                    else { continue }
                    try own.end(result, owner: name)
                    branches.insert(name)
                }
                count += try run(
                    own, branches, "\(join) of \(sources[first]) on \(test.testDescription)", .running)
            }
        }
        return count
    }

    /// Runs all branches that the chip takes; those that it refuses have a reason.
    private func run(
        _ trunk: OperatorTrunk, _ branches: Set<String>, _ what: String, _ depth: Depth
    ) throws -> Count {
        let whole = try trunk.network()
        let report = Checker.report(on: Analysis(whole, on: trunk.device.family), for: trunk.device)
        var refused: Set<String> = []
        for finding in report.findings where finding.severity == .error {
            #expect(!finding.message.isEmpty && !finding.actual.isEmpty, "\(what)")
            refused.insert(trunk.owner(of: try #require(finding.layer)))
        }
        let kept = trunk.keptBranches(without: refused).intersection(branches)
        guard !kept.isEmpty else { return Count(ran: 0, refused: branches.count) }
        let network = try trunk.network(keeping: kept)
        let analysis = Analysis(network, on: trunk.device.family)
        let clean = Checker.report(on: analysis, for: trunk.device)
        #expect(clean.accepts, "\(what): \(clean.findings.filter { $0.severity == .error }.prefix(3))")
        try runs(analysis, trunk.device, what, depth)
        return Count(ran: kept.count, refused: branches.count - kept.count)
    }

    /// A step of training, an evaluation, whole numbers, the probe and every export.
    private func runs(
        _ analysis: Analysis, _ device: Device, _ what: String, _ depth: Depth
    ) throws {
        let store = ParameterStore(analysis)
        store.initialize(seed: 3)
        for isQuantized in depth == .everything ? [true, false] : [true] {
            var options = Program.Options(batch: 2)
            (options.isTraining, options.isQuantized) = (true, isQuantized)
            options.padsBothSides = device.padsBothSides
            let program = try Program(analysis, store: store, options: options)
            fill(program)
            try program.forward(.training)
            program.clearOutputGradients()
            for output in program.outputs { output.gradient?.update(repeating: 1) }
            try program.backward()
            try program.forward(.evaluation)
            let isFinite = program.outputs.allSatisfy { $0.values.allSatisfy(\.isFinite) }
            #expect(isFinite && program.gradients.allSatisfy(\.isFinite), "\(what)")
        }
        let integers = try IntegerNetwork(
            analysis, store: store, batch: 2, padsBothSides: device.padsBothSides)
        fill(integers.program)
        integers.prepare()
        try integers.run()
        for part in integers.fallbacks { #expect(!part.reason.isEmpty, "\(what): \(part.layer)") }
        if depth == .running { return }
        var request = ProbeRequest(analysis.network, on: device.family)
        (request.batch, request.comparesIntegers) = (2, true)
        request.padsBothSides = device.padsBothSides
        let look = try #require(Probe().report(request))
        #expect(look.failure == nil && look.gaps.isEmpty, "\(what): \(look.gaps.prefix(3))")
        #expect(look.integers != nil, "\(what): \(look.integerFailure ?? "")")
        for isQuantized in [true, false] {
            var options = ONNXExport.Options()
            (options.isQuantized, options.keepsAll, options.padsBothSides) = (
                isQuantized, true, device.padsBothSides
            )
            options.device = device.rawValue
            _ = try ONNXExport(analysis, store: store, options: options, version: "test").encoded()
        }
        let target = TorchExport.Target(
            device.family, padsBothSides: device.padsBothSides, device: device.rawValue)
        let plan = TrainingPlan(stages: [.advised(bits: nil, epochs: 1, of: analysis.network)], data: "")
        _ = try TorchExport(analysis.network, named: "pairs", for: target, plan: plan, version: "test")
        _ = try MagikExport(analysis.network, for: device, title: "pairs").text()
    }

    private func fill(_ program: Program) {
        for input in program.inputs {
            for place in input.values.indices {
                input.values[place] =
                    input.name == "tokens" ? Float(place % 16) : Float(place * 37 % 256) / 255
            }
        }
    }
}
