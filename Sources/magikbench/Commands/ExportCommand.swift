import ArgumentParser
import Devices
import Foundation
import Graph
import Interchange
import QAT
import Terminal
import Workbench

/// `magikbench export`.
struct ExportCommand: ParsableCommand {
    /// What a session can be written as.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case onnx, magik, torch, safetensors
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a session for other programs.",
        usage: "magikbench export <session> --to <format> --output <path> [options]",
        discussion: """
            FORMAT is one of:
              onnx         the network with its weights: quantized, as pairs of QuantizeLinear and \
            DequantizeLinear, or with --float as if no quantizer acted
              magik        a Python module for the vendor's training kit, every argument written out
              torch        Python that trains the network with PyTorch, alone or under torchrun
              safetensors  the weights alone

              magikbench export digits --to onnx -o digits.onnx
              magikbench export digits --to onnx --float -o digits-float.onnx
              magikbench export digits --to onnx --opset 21 -o digits.onnx
              magikbench export digits --to magik -o network.py
              magikbench export digits --to torch --recipe 32,8,4 -o digits.py
              magikbench export digits --to safetensors -o digits.safetensors
            """)

    @Argument(help: "The session.")
    var session: String

    @Option(name: .customLong("to"), help: "The format.")
    var format: Format

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "path"))
    var output: String

    @Flag(help: "Leave all quantizers out (onnx).")
    var float = false

    @Option(
        help: ArgumentHelp(
            "The version of the operators, 13 or 21; 21 stores 4 bits in 4 (onnx).", valueName: "n"))
    var opset: Int?

    @Flag(help: "Make every layer's result one of the file's, to compare them (onnx).")
    var allLayers = false

    @Option(
        help: ArgumentHelp(
            "Bits of each stage that can be trained, such as 32,8,4 (torch).", valueName: "bits"))
    var recipe: IntegerList?

    func validate() throws {
        guard format == .torch || recipe == nil else {
            throw ValidationError("--recipe is for --to torch")
        }
        if let bad = recipe?.values.first(where: { !TrainingPlan.Stage.widths.contains($0) }) {
            throw ValidationError("--recipe has 32 for float or 2 to 8 bits, not \(bad)")
        }
        if let opset, !ONNXExport.opsets.contains(opset) {
            throw ValidationError(
                "--opset is one of \(ONNXExport.opsets.map(String.init).joined(separator: ", "))")
        }
        guard format == .onnx || !float && opset == nil && !allLayers else {
            throw ValidationError("--float, --opset and --all-layers are for --to onnx")
        }
    }

    func run() throws {
        let session = try Session.opened(session)
        do {
            let data =
                switch format {
                case .onnx: try onnx(session)
                case .magik: Data(try magik(session).utf8)
                case .torch: Data(try torch(session).utf8)
                case .safetensors: Data(try weights(session).encoded())
                }
            try data.write(to: URL(filePath: output), options: .atomic)
            print("wrote \(output.printable), \(Figures.grouped(data.count)) bytes")
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private func magik(_ session: Session) throws -> String {
        let document = session.document
        return try MagikExport(
            document.network, for: document.device, title: session.name, waivers: document.waivers
        ).text()
    }

    private func onnx(_ session: Session) throws -> Data {
        let document = session.document
        let analysis = Analysis(document.network, on: document.device.family)
        let store = ParameterStore(analysis)
        try Checkpoint.load(try weights(session), into: store)
        var options = ONNXExport.Options()
        (options.isQuantized, options.opset, options.keepsAll) = (!float, opset ?? 13, allLayers)
        (options.device, options.padsBothSides) = (document.device.rawValue, document.device.padsBothSides)
        return try ONNXExport(analysis, store: store, options: options, version: Magikbench.version).encoded()
    }

    private func torch(_ session: Session) throws -> String {
        let network = session.document.network
        let bits: [Int?] = recipe?.values.map { $0 } ?? [nil]
        let plan = TrainingPlan(
            stages: bits.map { .advised(bits: $0, epochs: 3, of: network) }, data: "")
        return try session.torch(plan).text
    }

    private func weights(_ session: Session) throws -> Safetensors {
        guard let weights = try session.weights(isRequired: true) else {
            throw SessionError.noWeights(session.path)
        }
        return weights
    }
}

extension Session {
    /// The session's network and a plan in PyTorch.
    func torch(_ plan: TrainingPlan) throws(TorchError) -> TorchExport {
        let device = document.device
        return try TorchExport(
            document.network, named: name,
            for: .init(device.family, padsBothSides: device.padsBothSides, device: device.rawValue),
            plan: plan, version: Magikbench.version)
    }
}
