import Editing
import Foundation
import Graph
import QAT
import Runs
import Sessions
import TestSupport
import Testing
import Weights

/// Runs the commands of a page in a folder of its own, one after the other.
///
/// What trains or measures runs on small networks and small data that stand for those of the page: their sessions have the
/// page's names and lie in a second folder. All the rest runs on what the page's own commands made.
struct PageRun {
    private let folder: String
    private let program: BuiltProgram

    /// The sessions that pages train.
    private static let sessions = ["mine", "digits", "face", "faces", "broken"]

    init(in folder: String) throws {
        self.folder = folder
        program = try BuiltProgram.besideTests()
        for place in ["made", "small", "bin"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(place)", withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/bin/magikbench", withDestinationPath: program.file.path)
        try prepareSmall("\(folder)/small")
        let models = Fixtures.root.appending(path: "Tests/Fixtures/ONNX/mapped.onnx").path
        try FileManager.default.copyItem(atPath: models, toPath: "\(folder)/made/resnet18.onnx")
        if PageRun.hasModel {
            try FileManager.default.copyItem(
                atPath: "\(RealData.folder)/\(PageRun.model)", toPath: "\(folder)/made/face.onnx")
        }
    }

    /// The model that README imports.
    static let model = "models/ultraface_slim320_simp.onnx"
    static let hasModel = RealData.has(model)

    private func prepareSmall(_ place: String) throws {
        for name in ["data/mnist", "photos", "others"] {
            try FileManager.default.createDirectory(
                atPath: "\(place)/\(name)", withIntermediateDirectories: true)
        }
        try SmallImages.write(to: "\(place)/data/mnist")
        for name in ["photos", "others"] { try SmallPictures.write(count: 64, to: "\(place)/\(name)") }
        for name in PageRun.sessions {
            _ = try SmallNetwork.session(in: place, named: name)
            // A session that a page quantizes, inspects or exports was trained before.
            let run = try run(
                "magikbench train \(name) --data mnist:data/mnist --batch 16 --epochs 1 --threads 1",
                in: "small")
            guard run.code == 0 else { throw FixtureError("\(name): \(run.text)") }
        }
        try giveTwoResults("\(place)/face.magik")
        try FileManager.default.copyItem(
            atPath: "\(place)/digits.magik/weights.safetensors", toPath: "\(place)/trained.safetensors")
    }

    /// Gives a session of the small network two results, with the names that the page's model has.
    private func giveTwoResults(_ path: String) throws {
        var session = try Session.open(path)
        let network = session.document.network
        let scores = try #require(network.nodes.last)
        let trained = try #require(try session.weights(isRequired: true))
        var heads: [Node] = []
        var tensors = trained.tensors.filter { !$0.name.hasPrefix("scores.") }
        for name in ["232", "246"] {
            heads.append(Node(name, scores.layer, inputs: scores.inputs))
            tensors += trained.tensors.filter { $0.name.hasPrefix("scores.") }.map {
                Safetensors.Tensor(
                    name + $0.name.dropFirst("scores".count), dtype: $0.dtype, shape: $0.shape,
                    bytes: $0.bytes)
            }
        }
        session.document.network = try Network(
            inputs: network.inputs, nodes: network.nodes.dropLast() + heads)
        try session.save(with: Safetensors(tensors))
    }

    /// What a command printed, both streams together, and its exit code.
    struct Result {
        let code: Int32
        let text: String
    }

    /// Whether a command trains, measures, or uses what was trained.
    static func usesSmall(_ command: PageCommand) -> Bool {
        let words = command.words
        switch words.dropFirst().first {
        case "train", "eval", "look", "quantize", "sweep", "inspect", "report", "runs", "dump",
            "compare-dumps":
            return true
        case "export": return !words.contains("--with-host")
        case "import": return words.contains { $0.hasSuffix(".safetensors") }
        default: return false
        }
    }

    func run(_ command: PageCommand) throws -> Result {
        let isSmall = PageRun.usesSmall(command)
        var text = command.text
        if isSmall, text.contains(" x7") {
            // The page's second run, which stands for any.
            let store = try RunStore.openForReading(session: "\(folder)/small/\(command.words[2]).magik")
            let run = try #require(store?.runs().min { $0.started < $1.started })
            text = text.replacingOccurrences(of: " x7", with: " \(run.id)")
        }
        // 10,000 drawn samples are many for a program that was not built for speed.
        if isSmall, ["train", "quantize"].contains(command.words[1]), !text.contains("--data") {
            text += " --data glyphs,limit=128"
        }
        return try run(text, in: isSmall ? "small" : "made")
    }

    private func run(_ text: String, in place: String) throws -> Result {
        let environment = "PATH='\(folder)/bin':$PATH XDG_CONFIG_HOME='\(folder)/config'"
        let script = "cd '\(folder)/\(place)' && export \(environment) && { \(text)\n} 2>&1"
        let result = try program.run([], wrapper: ["/bin/sh", "-c", script, "sh"])
        return Result(code: result.code, text: result.output)
    }
}
