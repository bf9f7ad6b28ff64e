import Datasets
import Devices
import Editing
import Foundation
import Graph
import Interchange
import Probing
import QAT
import Runs
import Weights

/// What holds for every file of another program, whatever is in it: it is refused in one line and leaves everything as it
/// was, or what came of it fits together.
struct FilePromises {
    private let file: FileFuzz
    private let folder: String

    init(_ file: FileFuzz, folder: String) { (self.file, self.folder) = (file, folder) }

    func outcome() -> FileFuzz.Outcome {
        do {
            try check()
            return .accepted
        } catch let broken as BrokenPromise {
            return .failed(broken.description)
        } catch {
            let line = "\(error)"
            let isTyped =
                error is ONNXError || error is SafetensorsError || error is DatasetError
                || error is TrainingError
                || error is DumpError || error is MagikError || error is FileError || error is RunStoreError
            if !isTyped { return .failed("another kind of error: \(line)") }
            // Labels have a line for each fault.
            if case .labels(let faults)? = error as? DatasetError {
                let lines = faults.map(\.description)
                let isShort = lines.allSatisfy { $0.count < 1000 && $0 == $0.oneLine(upTo: 1000) }
                return !lines.isEmpty && isShort
                    ? .refused(line) : .failed("the faults are no lines: \(lines)")
            }
            if line.isEmpty || line.count > 3000 || line != line.oneLine(upTo: 3000) {
                return .failed("the error is no line: \(line.prefix(500).debugDescription)")
            }
            return .refused(line)
        }
    }

    private func check() throws {
        switch file.format {
        case .onnx: try checkModel(try ONNXImport(bytes: file.files[0].bytes, folder: folder))
        case .safetensors: try checkWeights(try Safetensors(bytes: file.files[0].bytes))
        case .npz:
            try write()
            let path = folder + "/" + file.files[0].name
            if file.origin.hasPrefix("set") { try checkSet(path) }
            try checkArrays(try NPZArrays(path))
        case .dump: try checkDump()
        case .recording: try checkRecording()
        case .yolo, .voc, .coco: try checkLabels()
        case .store: try checkStore()
        }
    }

    private func write() throws {
        for (name, bytes) in file.files {
            let url = URL(filePath: folder + "/" + name)
            if name.contains("/") {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            }
            try FilePromises.write(bytes, to: url.path)
        }
    }

    /// Writes a file without waiting for the disk, as Foundation's writing does: there are thousands.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FixtureError("\(path) cannot be made") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: bytes)
    }

    private func checkStore() throws {
        let session = folder + "/session"
        if FileManager.default.fileExists(atPath: session) {
            try FileManager.default.removeItem(atPath: session)
        }
        try FileManager.default.createDirectory(atPath: session, withIntermediateDirectories: true)
        let path = session + "/" + file.files[0].name
        try Data(file.files[0].bytes).write(to: URL(filePath: path))
        let statements = String(decoding: file.files[1].bytes, as: UTF8.self)
        if !statements.isEmpty { try StoreFuzz.apply(statements, to: path) }
        for text in try StoreFuzz.texts(of: session) {
            let fault = HostileText.fault(in: text)
            try promise(fault == nil, "a text has \(fault ?? ""): \(text.prefix(300).debugDescription)")
        }
    }

    private func promise(_ holds: Bool, _ words: @autoclosure () -> String) throws {
        if !holds { throw BrokenPromise(words()) }
    }

    // MARK: - Models

    private func checkModel(_ model: ONNXImport) throws {
        let device = (model.report.isOwn ? Device(name: model.report.device ?? "") : nil) ?? .t40
        // The session that would be made of it can be opened again.
        let document = Document(network: model.network, device: device)
        do {
            try promise(
                try Document(bytes: document.text.utf8) == document, "its network.json is another network")
        } catch let error as FileError {
            throw BrokenPromise("its network.json cannot be read: \(error)")
        }
        guard model.report.faults.isEmpty else { return }
        let analysis = Analysis(model.network, on: device.family)
        for (node, shapes) in zip(model.network.nodes, analysis.shapes.outputs) {
            if case .failure(let reason) = shapes, !model.report.isOwn {
                throw BrokenPromise("layer '\(node.name)' has no shape: \(reason)")
            }
        }
        let store = ParameterStore(analysis)
        do {
            try Checkpoint.load(model.weights, into: store)
        } catch {
            throw BrokenPromise("its weights do not fit its network: \(error)")
        }
        try promise(
            try Safetensors(bytes: model.weights.encoded()) == model.weights,
            "its weights change when written")
    }

    // MARK: - Weights

    private func checkWeights(_ tensors: Safetensors) throws {
        try promise(try Safetensors(bytes: tensors.encoded()) == tensors, "another file after writing")
        let store = ParameterStore(Analysis(FileSeeds.network, on: .npu))
        let before = Checkpoint.weights(store, digest: "")
        do {
            try Checkpoint.load(tensors, into: store)
        } catch {
            try promise(
                Checkpoint.weights(store, digest: "") == before, "a file that was refused is half loaded")
        }
        try checkMatch(names: tensors.tensors.map(\.name)) { name in
            guard let tensor = tensors[name] else { return nil }
            return (tensor.shape, try tensor.numbers(), false)
        }
    }

    /// Weights by name, held against the network.
    private func checkMatch(names: [String], _ read: (String) throws -> WeightMatch.Numbers?) throws {
        let match = try WeightMatch(
            of: FileSeeds.network, on: .npu, names: names, before: FileSeeds.weights, read: read)
        let layout = ParameterLayout(Analysis(FileSeeds.network, on: .npu))
        let parts = match.matched + match.kept + match.missing + match.misfits.map(\.name) + match.broken
        try promise(
            parts.sorted() == (layout.parameters + layout.statistics).map(\.name).sorted(),
            "not every parameter has one answer")
        guard match.fits else { return }
        let store = ParameterStore(Analysis(FileSeeds.network, on: .npu))
        do {
            try Checkpoint.load(match.weights, into: store)
        } catch {
            throw BrokenPromise("weights that fit are refused: \(error)")
        }
    }

    private func checkArrays(_ arrays: NPZArrays) throws {
        for name in arrays.names {
            guard let (axes, values, _) = try arrays.numbers(name) else { continue }
            try promise(axes.reduce(1, *) == values.count, "'\(name)' of \(axes) has \(values.count) numbers")
        }
        try checkMatch(names: arrays.names) { name in
            try arrays.numbers(name).map { ($0.axes, $0.values, $0.isDouble) }
        }
    }

    private func checkSet(_ path: String) throws {
        let set = try Dataset.open(try DataSpec("npz:\(path)"), shape: .map(channels: 1, height: 8, width: 8))
        try promise((1...65536).contains(set.classes), "it has \(set.classes) classes")
        for split in Split.allCases where set.count(split) > 0 {
            let loader = Loader(
                set, split: split, batch: 2, seed: 1, shuffled: false, augmented: false, dropsLast: false)
            var values = [Float](repeating: 0, count: 2 * loader.elements)
            var labels = [Int32](repeating: 0, count: 2)
            for _ in 0..<loader.batchesPerEpoch {
                let count = try values.withUnsafeMutableBufferPointer { (values) throws(DatasetError) in
                    try labels.withUnsafeMutableBufferPointer { (labels) throws(DatasetError) in
                        try loader.next(into: values, labels: labels)
                    }
                }
                try promise(
                    labels.prefix(count).allSatisfy { (0..<Int32(set.classes)).contains($0) },
                    "a class of none")
            }
        }
    }

    // MARK: - Labels

    private func checkLabels() throws {
        try write()
        guard let spec = LabelSeeds.spec(file.format, in: folder) else { return }
        let set = try Dataset.open(
            try DataSpec(spec), shape: .map(channels: 1, height: 16, width: 12), task: LabelSeeds.task)
        let loader = Loader(
            set, split: .train, batch: 1, seed: 1, shuffled: false, augmented: false, dropsLast: false)
        var values = [Float](repeating: 0, count: loader.elements)
        var labels: [Int32] = [0]
        for _ in 0..<loader.batchesPerEpoch {
            _ = try values.withUnsafeMutableBufferPointer { (values) throws(DatasetError) in
                try labels.withUnsafeMutableBufferPointer { (labels) throws(DatasetError) in
                    try loader.next(into: values, labels: labels)
                }
            }
            for box in loader.answers.flatMap(\.boxes) {
                let isInside = box.left >= 0 && box.top >= 0 && box.right < 12.01 && box.bottom < 16.01
                try promise(isInside && box.width > 0 && box.height > 0, "a box outside: \(box)")
                try promise((0...1).contains(box.label), "a class of none: \(box)")
                try promise((box.area ?? 0).isFinite, "an area without end: \(box)")
            }
        }
    }

    // MARK: - Our own

    private func checkDump() throws {
        try write()
        let found = try DumpComparison(folder, folder)
        for layer in found.layers {
            if case .different(let difference) = layer.outcome {
                throw BrokenPromise("a dump differs from itself at \(difference.place)")
            }
        }
    }

    private func checkRecording() throws {
        var request = MagikImport.Request(path: "network.py")
        request.shape = .map(channels: 3, height: 8, width: 8)
        let read = try MagikImport(try JSON(bytes: file.files[0].bytes), request)
        let document = Document(network: read.network, device: read.device, waivers: read.waivers)
        do {
            _ = try Document(bytes: document.text.utf8)
        } catch {
            throw BrokenPromise("its network.json cannot be read: \(error)")
        }
    }
}
