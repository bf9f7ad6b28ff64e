import Devices
import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Interchange

/// The vendor's modules, written and read. Reading needs a Python, and says so where there is none.
@Suite("Modules of the vendor's kit", .limited)
struct MagikTests {
    private static let hasPython = Python.has("ast", "json")
    private static let absence = Comment(
        rawValue: "'\(Python.name)' is not there; MAGIKBENCH_PYTHON names another interpreter")

    private func read(
        _ source: String, _ change: (inout MagikImport.Request) -> Void = { _ in }
    ) throws -> MagikImport {
        try withTemporaryFolder { folder in
            let path = folder + "/network.py"
            try Data(source.utf8).write(to: URL(filePath: path))
            var request = MagikImport.Request(path: path)
            request.python = Python.name
            change(&request)
            return try MagikImport(running: request)
        }
    }

    private func reason(_ source: String, _ change: (inout MagikImport.Request) -> Void = { _ in }) -> String
    {
        do {
            _ = try read(source, change)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "each shipped network comes back equal", .enabled(if: MagikTests.hasPython, MagikTests.absence),
        arguments: Samples.names)
    func samples(name: String) throws {
        let document = try Samples.document(named: name)
        guard NetworkOrder(document.network).evaluation.count == document.network.nodes.count else {
            #expect(throws: MagikError.self) {
                try MagikExport(document.network, for: document.device, title: name).text()
            }
            return
        }
        let text = try MagikExport(
            document.network, for: document.device, title: name, waivers: document.waivers
        ).text()
        let read = try read(text)
        #expect(read.device == document.device)
        let pairs = zip(read.network.nodes, document.network.nodes)
        for (mine, theirs) in pairs where mine != theirs {
            Issue.record("\(mine)\n\(theirs)")
        }
        // What outputs are for is not a part of the kit's file.
        let network = try document.network.applying(.setTask(.classification))
        #expect(read.network == network && read.waivers == document.waivers)
    }

    @Test(
        "each operator by itself comes back equal", .enabled(if: MagikTests.hasPython, MagikTests.absence),
        arguments: OperatorSample.all)
    func operators(sample: OperatorSample) throws {
        for device in [Device.t40, .txx] {
            let network = try sample.network()
            let read = try read(MagikExport(network, for: device, title: "one").text())
            #expect(read.network == network && read.device == device)
        }
    }

    @Test(
        "names that Python does not take, and remarks, come back",
        .enabled(if: MagikTests.hasPython, MagikTests.absence))
    func names() throws {
        let document = try Samples.document(named: "mnist-cnn")
        var network = document.network
        for (place, name) in ["class", "a.b", "a-b", "1st", "层"].enumerated() {
            let old = network.nodes[place].name
            network = try network.applying(.rename(old, to: name))
        }
        network = try network.applying(.annotate(layer: "a.b", note: "say \"hi\"\n\\ and 你好"))
        let read = try read(MagikExport(network, for: .t40, title: "od\"d\\").text())
        #expect(read.network == network)
    }

    @Test(
        "a module as the manual writes one has the findings of its missing flags",
        .enabled(if: MagikTests.hasPython, MagikTests.absence))
    func manual() throws {
        let source = try Fixtures.text("Tests/Fixtures/magik/network.py")
        let read = try read(source) {
            $0.arguments = "is_quantize=True, BITA=8, BITW=8"
            $0.shape = .map(channels: 3, height: 32, width: 32)
        }
        #expect(read.notes == ["torch.nn.Sigmoid behind the last layer is left to the host"])
        #expect(
            read.network.nodes.map(\.name).prefix(5) == ["preprocess", "bn", "conv0", "maxpool", "conv1"])
        #expect(read.network["maxpool_2"]?.inputs == ["conv4"])
        #expect(read.network["deep.2"]?.imported.preLSTMLayer == false)
        let found = Checker.reports(on: read.network, for: [.t40])[0].findings.filter {
            $0.severity > .advice
        }
        #expect(
            Set(found.map { "\($0.severity) \($0.rule) \($0.layer ?? "")" }) == [
                "warning batch-norm-linear bn", "warning batch-norm-negative bn1",
                "warning lstm-producer deep.2",
            ])
    }

    @Test(
        "flags that contradict the wiring become findings",
        .enabled(if: MagikTests.hasPython, MagikTests.absence))
    func flags() throws {
        let source = """
            import torch.nn as nn
            from ingenic_magik_trainingkit.QuantizationTrainingPlugin.python import ops as magik
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.pre = magik.Preprocess(0, 255., "T40")
                    self.a = magik.Conv2D(3, 32, quantize=True, first_layer=False, last_layer=True, weight_bitwidth=8,
                                          input_bitwidth=8, output_bitwidth=8, target_device="T40")
                    self.b = magik.Conv2D(16, 32, quantize=True, weight_bitwidth=8, input_bitwidth=4, output_bitwidth=32,
                                          last_layer=True, pre_lstm_layer=True, target_device="T40")
                def forward(self, x):
                    return self.b(self.a(self.pre(x)))
            """
        let read = try read(source) { $0.shape = .map(channels: 3, height: 8, width: 8) }
        let found = Checker.reports(on: read.network, for: [.t40])[0].findings
        let rules = Set(found.map { "\($0.rule) \($0.layer ?? "")" })
        #expect(
            rules.isSuperset(of: [
                "imported-first a", "imported-last a", "input-bits b", "imported-before-lstm b",
            ]),
            "\(rules)")
        #expect(read.notes == ["layer 'b' has in_channels=16 and reads 32: the wiring counts here"])
    }

    @Test(
        "what cannot be taken over is one sentence with the place",
        .enabled(if: MagikTests.hasPython, MagikTests.absence))
    func refusals() {
        let head =
            "import torch\nimport torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        func net(_ layers: String, _ forward: String) -> String {
            head
                + "        self.pre = ops.Preprocess()\n        \(layers)\n    def forward(self, x):\n        return \(forward)\n"
        }
        let cases: [(String, String)] = [
            ("x = 1\n", "defines no class"), ("def f(:\n", "line 1: SyntaxError"),
            (net("self.a = ops.Conv2D(3, 8, kernel=3)", "self.a(self.pre(x))"), "line 7: TypeError"),
            (net("self.a = ops.Conv2D(3)", "self.a(self.pre(x))"), "out_channels"),
            (
                net("self.a = ops.Maxpool2D()", "self.a(torch.relu(self.pre(x)))"),
                "reads what torch.relu has made of"
            ),
            (net("self.a = ops.Maxpool2D()", "self.a(self.pre(x) + self.pre(x))"), "ops has Shortcut"),
            (net("self.a = ops.Conv2D(3, 8, stride='wide')", "self.a(self.pre(x))"), "layer 'a': stride"),
            (net("self.a = ops.Conv2D(3, 8, activation_fn=ops.ReLU)", "self.a(self.pre(x))"), "ops.ReLU()"),
            (net("raise RuntimeError('no board')", "x"), "line 7: RuntimeError: no board"),
            (net("import os; os._exit(3)", "x"), "without an answer"),
            (head + "    def forward(self, x):\n        return self.a(x)\n", "line 7: AttributeError"),
            (net("self.a = ops.Maxpool2D()", "self.a(self.pre(x)) if x > 0 else x"), "line 9"),
        ]
        for (source, words) in cases {
            let found = reason(source) { $0.shape = .map(channels: 3, height: 8, width: 8) }
            #expect(found.contains(words) && !found.contains("\n"), "\(words): \(found)")
        }
        #expect(reason(net("self.a = ops.Maxpool2D()", "self.a(self.pre(x))")).contains("--input 3x32x32"))
        #expect(reason("x = 1") { $0.python = "no-such-python" }.contains("'no-such-python' cannot be run"))
        #expect(reason(net("", "self.pre(x)")) { $0.arguments = "1 +" }.contains("--arguments"))
        #expect(reason(net("", "self.pre(x)")) { $0.wanted = "Other" }.contains("it has Net"))
    }

    @Test("the export writes every argument of the manual, in its order")
    func arguments() throws {
        let text = try MagikExport(
            try Samples.document(named: "network-t40").network, for: .t40, title: "t40"
        ).text()
        for node in try Samples.document(named: "network-t40").network.nodes {
            let signature = MagikSignature(node.kind)
            let start = try #require(text.range(of: "self.\(node.name) = ops.\(signature.name)("))
            let call = text[start.upperBound...].prefix { $0 != "\u{0}" }
            var place = call.startIndex
            for argument in signature.arguments {
                let found = try #require(call.range(of: "\(argument.name)=", range: place..<call.endIndex))
                #expect(call[place..<found.lowerBound].count < 120, "\(node.name) \(argument.name)")
                place = found.upperBound
            }
        }
    }

    @Test("a network with a cycle is not written")
    func cycle() throws {
        var network = try Samples.document(named: "mnist-cnn").network
        let names = network.nodes.map(\.name)
        network = try network.applying(.rewire(layer: names[1], inputs: [Source(names[2])]))
        #expect(throws: MagikError.self) { try MagikExport(network, for: .t40, title: "x").text() }
    }
}
