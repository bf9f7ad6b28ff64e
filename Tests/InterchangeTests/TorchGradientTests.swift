import Devices
import Editing
import Foundation
import Graph
import Interchange
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

/// A shipped network with labels, quantized or in float.
struct TorchCase: CustomTestStringConvertible, Sendable {
    let sample: String
    var isQuantized: Bool
    /// The width that all layers are set to; nil leaves them as they are.
    var bits: Int?

    var testDescription: String {
        "\(sample), \(isQuantized ? bits.map { "\($0) bit" } ?? "as set" : "in float")"
    }
}

@Suite(
    "A PyTorch export beside our engine", .limited,
    .enabled(if: Python.has("torch"), Comment(rawValue: Python.absence(of: "torch"))))
struct TorchGradientTests {
    static let samples = [
        "network-t40", "resnet20-cifar", "mobilenetv2-cifar", "mnist-cnn", "t02-mnist", "spoken-digits-lstm",
        "sms-text",
    ]

    static let cases =
        samples.flatMap { name in
            [TorchCase(sample: name, isQuantized: false), TorchCase(sample: name, isQuantized: true)]
        } + [TorchCase(sample: "network-t40", isQuantized: true, bits: 4)]

    @Test("the same weights and batch give the same loss and gradients", arguments: cases)
    func gradients(_ test: TorchCase) throws {
        let document = try Samples.document(named: test.sample)
        let network = test.bits.map { document.network.atBits($0) } ?? document.network
        let target = TorchExport.Target(
            document.device.family, padsBothSides: document.device == .t02, device: document.device.rawValue)
        var gaps: [TorchTrial.Gap] = []
        // Where a sum lies within the floats' noise of a half, the two may round it apart, and a code that differs
        // changes gradients far more than noise does. Such a sum is rare: another batch has none.
        for seed: UInt64 in 3...6 {
            let trial = try TorchTrial(
                network, for: target, isQuantized: test.isQuantized, isLabelled: true, batch: 8, seed: seed)
            let gap = try withTemporaryFolder { folder in
                try trial.write(to: folder)
                try TorchTrial.run([folder], isQuantized: test.isQuantized)
                return try trial.gap(in: folder)
            }
            gaps.append(gap)
            if gap.isClose { break }
        }
        if ProcessInfo.processInfo.environment["MAGIKBENCH_COUNTS"] != nil {
            print("GAP", test.testDescription, gaps)
        }
        #expect(gaps.last?.isClose == true, "\(gaps)")
    }

    @Test(
        "every operator by itself gives the same results and gradients", arguments: ArithmeticFamily.allCases,
        [true, false])
    func operators(on family: ArithmeticFamily, isQuantized: Bool) throws {
        let target = TorchExport.Target(family, padsBothSides: false, device: family.rawValue)
        try withTemporaryFolder { folder in
            var trials: [(sample: OperatorSample, folder: String, trial: TorchTrial)] = []
            for (number, sample) in OperatorSample.all.enumerated() {
                let trial = try TorchTrial(
                    try sample.network().acting(), for: target, isQuantized: isQuantized, isLabelled: false,
                    batch: 3, seed: UInt64(number))
                let place = "\(folder)/\(number)"
                try trial.write(to: place)
                trials.append((sample, place, trial))
            }
            try TorchTrial.run(trials.map(\.folder), isQuantized: isQuantized)
            for (sample, place, trial) in trials {
                let gap = try trial.gap(in: place)
                #expect(gap.isClose, "\(sample) on \(family.rawValue): \(gap)")
            }
        }
    }

    @Test(
        "every shipped network can be written", arguments: Samples.names.filter { !$0.hasPrefix("broken-") })
    func shipped(_ name: String) throws {
        let document = try Samples.document(named: name)
        let export = try TorchExport(
            document.network, named: name,
            for: .init(
                document.device.family, padsBothSides: document.device == .t02,
                device: document.device.rawValue),
            plan: TrainingPlan(stages: [], data: ""), version: "test")
        try withTemporaryFolder { folder in
            try Data(export.text.utf8).write(to: URL(filePath: "\(folder)/net.py"))
            let script = """
                import runpy, sys
                names = runpy.run_path(sys.argv[1])
                network = names["NETWORKS"][None]()
                print(sum(value.numel() for value in network.parameters()))
                """
            let count = Int(try Python.run(["-c", script, "\(folder)/net.py"]).dropLast())
            let analysis = Analysis(document.network, on: document.device.family)
            #expect(count == ParameterLayout(analysis).parameters.reduce(0) { $0 + $1.count })
        }
    }
}

extension Network {
    /// The same with all quantizers on, at 4 bit where they had none, also those of last layers.
    fileprivate func acting() throws -> Network {
        var edits: [Edit] = []
        for node in nodes {
            let names = node.kind.fields.map(\.name)
            for name in ["quantize", "quantizeLastFeature"] where names.contains(name) {
                edits.append(.set(layer: node.name, field: name, to: .flag(true)))
            }
            for name in ["weightBits", "outputBits"] where names.contains(name) {
                if node.layer.value(of: name) == .integer(Quantization.float) {
                    edits.append(.set(layer: node.name, field: name, to: .integer(4)))
                }
            }
        }
        return try applying(.all("quantized", edits))
    }
}
