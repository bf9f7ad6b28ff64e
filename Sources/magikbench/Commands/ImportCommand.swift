import ArgumentParser
import Devices
import Editing
import Foundation
import Graph
import Interchange
import QAT
import Sessions
import TUI
import Terminal
import Weights

/// Whether an imported network gets the task of a detector whose heads it has.
enum HeadRecognition: String, CaseIterable, ExpressibleByArgument {
    case recognized, none
}

/// `magikbench import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Read a network or weights of another program.",
        usage: """
            magikbench import <path> --output <session> [--device <chip>]
                              [--bits <n>] [--input <shape>] [--outputs <names>]
                              [--approximate] [--task none] [--report] [--json]
            """,
        discussion: """
            PATH decides what is read:
              .onnx         a network with its weights becomes a new session. Operators that no chip has are \
            listed, all of them, and then nothing is made. What lies behind the last layers (transpositions, \
            Softmax, the decoding of boxes) is left to the host and kept beside the network, as host.onnx.
              .py           a module of the vendor's training kit, with --run-python, since it runs the file: \
            under python3 and a stand-in of ours, so that neither torch nor the kit is needed.
              .safetensors  weights by name, into a session that is there. Shapes are checked first.
              .npz          the same from numpy.

            The heads of UltraFace, YuNet, NanoDet, YOLOX, YOLOv5 and YOLOv8 are known by the sizes and channels of \
            the outputs: such a network gets the task of its heads, so that it can be trained and measured with boxes.

              magikbench import resnet18.onnx -o resnet18
              magikbench import resnet18.onnx --report
              magikbench import detector.onnx --input 3x320x320 -o detector
              magikbench import detector.onnx --outputs scores_raw,boxes_raw -o detector
              magikbench import resnet18.onnx -o r18 --run in.safetensors --results out.safetensors
              magikbench import weights.safetensors -o resnet18
              magikbench import network.py --run-python --arguments "is_quantize=True, BITA=8" \
            --input 3x32x32 -o mine

            --run computes the network in float on tensors that have the names and shapes of the file's inputs, \
            and writes its results under the names of their layers: what host.onnx reads.
            Exit code 1 where operators are refused, or no tensor fits.
            """)

    @Argument(help: "The file to read.", completion: .file())
    var path: String

    @Option(
        name: [.short, .long], help: ArgumentHelp("The session.", valueName: "session"),
        completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp("The chip that a network is for; T40 unless the file says.", valueName: "chip"),
        completion: .chips)
    var device: String?

    @Option(help: ArgumentHelp("The bits that all layers get; 32 leaves them in float.", valueName: "n"))
    var bits = ImportedModel.bits

    @Option(
        name: .customLong("run"), help: ArgumentHelp("Tensors to compute the network on.", valueName: "file"))
    var tensors: String?

    @Option(help: ArgumentHelp("Where the results of --run go.", valueName: "file"))
    var results: String?

    @Option(
        help: ArgumentHelp(
            "none leaves out the task that known heads stand for.", valueName: "task"))
    var task = HeadRecognition.recognized

    @Flag(help: "Run a .py file, as reading it needs.")
    var runPython = false

    @Option(help: ArgumentHelp("The Python that runs it; python3.", valueName: "path"))
    var python = "python3"

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("The class of a .py file; its last one.", valueName: "name"))
    var className = ""

    @Option(help: ArgumentHelp("What the class is called with.", valueName: "list"))
    var arguments = ""

    @OptionGroup
    var options: ModelOptions

    @Flag(help: "Print every remark on the file; needs no session.")
    var report = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard output != nil || report || tensors != nil else {
            throw ValidationError("--output names the session; --report only looks")
        }
        guard (tensors == nil) == (results == nil) else {
            throw ValidationError("--run and --results go together")
        }
        guard Quantization.weightBits.contains(bits) else {
            throw ValidationError(
                "--bits is one of \(Quantization.weightBits.map(String.init).joined(separator: ", "))")
        }
    }

    func run() throws {
        switch (path as NSString).pathExtension.lowercased() {
        case "onnx": try importModel()
        case "py": try importModule()
        case "safetensors", "npz": try importWeights()
        default:
            throw CommandError.failure(
                "\(path.printable): what is read ends in .onnx, .py, .safetensors or .npz")
        }
    }

    private func importModel() throws {
        var options = options.options
        options.recognizesHeads = task == .recognized
        let model = try ImportedModel.read(
            path, device: try device.map(Device.named), bits: bits, options: options)
        let text = ImportText(model, isWhole: report, style: .standardOutput)
        let reports = model.reports(for: [model.document.device])
        var blocks = text.blocks(reports) + (model.report.faults.isEmpty ? text.findings(reports) : [])
        var made: String?
        if model.report.faults.isEmpty {
            do {
                if let tensors, let results { try compute(model, on: tensors, to: results) }
            } catch {
                throw CommandError.failure("\(error)")
            }
            if let output {
                do {
                    let session = try Session.create(
                        output, model.document, weights: model.weights, host: model.host)
                    made = session.path
                } catch {
                    throw CommandError.session(error)
                }
            }
        }
        if let made {
            let name = ShellWord.quoted(made)
            blocks.append("made \(name)\nnext: magikbench check \(name)")
        }
        print(
            json
                ? JSON.object([
                    .init("model", model.report.json), .init("session", made.map(JSON.string) ?? .null),
                    .init("recognized", model.recognized.map { .string($0.rawValue) } ?? .null),
                ]).pretty : blocks.joined(separator: "\n\n"))
        if !model.report.faults.isEmpty { throw Exit.no }
    }

    private func importModule() throws {
        guard runPython else {
            throw CommandError.failure(
                "\(path.printable): reading it runs it as a program; add --run-python where you trust it")
        }
        var request = MagikImport.Request(path: path)
        request.python = python
        request.wanted = className
        request.arguments = arguments
        let shape = options.input.first.flatMap { Shape(dimensions: $0.axes) }
        guard options.input.count < 2, options.input.isEmpty || shape != nil else {
            throw CommandError.failure("--input of a .py file is one shape of one to three axes, as 3x32x32")
        }
        request.shape = shape
        request.device = try device.map(Device.named)
        do {
            let module = try MagikImport(running: request)
            var made: String?
            if let output { made = try Session.create(output, module.document).path }
            let lines =
                ["\(counted(module.network.nodes.count, "layer")) on \(module.device)"]
                + module.notes.map { "note: \($0)" }
                + (made.map {
                    ["made \(ShellWord.quoted($0))", "next: magikbench check \(ShellWord.quoted($0))"]
                } ?? [])
            print(
                json
                    ? JSON.object([
                        .init("layers", .integer(module.network.nodes.count)),
                        .init("device", .string(module.device.rawValue)),
                        .init("notes", .array(module.notes.map(JSON.string))),
                        .init("session", made.map(JSON.string) ?? .null),
                    ]).pretty : lines.flatMap { Paragraph.lines($0, indent: "  ") }.joined(separator: "\n"))
        } catch let error as SessionError {
            throw CommandError.session(error)
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private func compute(_ model: ImportedModel, on inputs: String, to results: String) throws {
        let tensors = try CommandFile.tensors(inputs)
        let computed = try model.report.results(
            of: model.document.network, weights: model.weights, on: tensors)
        try CommandFile.write(computed.encoded(), to: results)
    }

    private func importWeights() throws {
        guard let output else {
            throw CommandError.failure("--output names the session that gets the weights")
        }
        let session = try Session.opened(output)
        let match: WeightMatch
        do {
            match = try WeightMatch(path: path, for: session)
            if match.fits { try session.save(weights: match.weights) }
        } catch {
            throw CommandError.failure("\(error)")
        }
        print(json ? match.json.pretty : match.text(for: session.path))
        if !match.fits { throw Exit.no }
    }
}
