public import ArgumentParser
import Devices
import Editing
import Foundation
import Graph
import Interchange
import QAT
import Sessions
import Terminal

/// `magikbench export`.
struct ExportCommand: ParsableCommand {
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
              magikbench export detector --to onnx --with-host -o detector.onnx
              magikbench export digits --run last --best --to onnx -o digits.onnx
              magikbench export digits --to magik -o network.py
              magikbench export digits --to torch --recipe 32,8,4 -o digits.py
              magikbench export digits --to safetensors -o digits.safetensors
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(name: .customLong("to"), help: "The format.")
    var format: ExportFormat

    @Option(
        name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "path"),
        completion: .file())
    var output: String

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Leave all quantizers out (onnx).")
    var float = false

    @Option(
        help: ArgumentHelp(
            "The version of the operators, 13 or 21; 21 stores 4 bits in 4 (onnx).", valueName: "n"))
    var opset: Int?

    @Flag(help: "Make every layer's result one of the file's, to compare them (onnx).")
    var allLayers = false

    @Flag(
        help:
            "Put the head that the host computes behind the network, so that the file is the whole model (onnx)."
    )
    var withHost = false

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
        guard format == .onnx || !float && opset == nil && !allLayers && !withHost else {
            throw ValidationError("--float, --opset, --all-layers and --with-host are for --to onnx")
        }
    }

    func run() throws {
        let session = try choice.chosen(try Session.opened(session))
        do {
            var options = ExportFormat.Options()
            options.onnx.isQuantized = !float
            options.onnx.opset = opset ?? 13
            options.onnx.keepsAll = allLayers
            options.recipe = recipe?.values
            if withHost {
                guard let host = try session.hostModel() else {
                    throw CommandError.failure(
                        "\(session.path.printable) has no host.onnx: its network is the whole model; leave --with-host out"
                    )
                }
                options.host = host
            }
            let weights = session.path == session.file ? nil : try session.weights(isRequired: false)
            let bytes = try format.bytes(
                of: session.document, weights, name: session.name, options)
            try CommandFile.write(bytes, to: output)
            print("wrote \(output.printable), \(Figures.grouped(bytes.count)) bytes")
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}

extension ExportFormat: ExpressibleByArgument {}
