public import Devices
public import Editing
import Foundation
public import Graph

/// A module of the vendor's training kit, read as a network.
public struct MagikImport {
    /// What is read, and how.
    public struct Request: Sendable {
        /// The file.
        public var path: String
        /// The interpreter.
        public var python = "python3"
        /// The class; empty for the file's own or its last one.
        public var wanted = ""
        /// Arguments of the class: "is_quantize=True, BITA=8, BITW=8".
        public var arguments = ""
        /// The shape of the inputs where the file does not say it.
        public var shape: Shape?
        /// The chip; nil takes the file's.
        public var device: Device?

        /// A file as it is.
        public init(path: String) { self.path = path }

        /// A file with what a person typed for it: "ARGUMENTS; SHAPE", each of which may be missing.
        public init(path: String, typed: String) {
            self.init(path: path)
            for part in typed.split(separator: ";").map({ $0.trimmingCharacters(in: .whitespaces) })
            where !part.isEmpty {
                if let shape = Request.shape(part) { self.shape = shape } else { arguments = part }
            }
        }

        /// A shape as people write it: "3x32x32", "64x32", "128".
        private static func shape(_ text: String) -> Shape? {
            let axes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            return axes.allSatisfy { (1...65536).contains($0) } ? Shape(dimensions: axes) : nil
        }
    }

    /// The network; flags that contradict its wiring are kept in its layers, so that a check says so.
    public let network: Network
    /// The chip that the file is for.
    public let device: Device
    /// The waivers in a file of our own.
    public let waivers: [Waiver]
    /// What was left out or is worth knowing.
    public let notes: [String]

    /// The ending of the files that are read as modules.
    public static let ending = ".py"

    /// Whether a path names a module.
    public static func isModule(_ path: String) -> Bool { path.lowercased().hasSuffix(ending) }

    /// The module as a document.
    public var document: Document { Document(network: network, device: device, waivers: waivers) }

    /// Runs the file and reads what it builds.
    public init(running request: Request) throws(MagikError) {
        var recorder = MagikRecorder()
        recorder.python = request.python
        recorder.wanted = request.wanted
        recorder.arguments = request.arguments
        try self.init(try recorder.record(request.path), request)
    }

    /// Reads what the stub wrote down.
    package init(_ json: JSON, _ request: Request) throws(MagikError) {
        let about = json["about"] ?? .null
        var run = MagikReading(about: about)
        if let chosen = request.device { device = chosen } else { device = try run.device(of: json) }
        waivers = (about["waivers"]?.list ?? []).compactMap { entry in
            let words = (entry.list ?? []).compactMap(\.text)
            return words.count == 3 ? Waiver(rule: words[0], layer: words[1], reason: words[2]) : nil
        }
        var inputs: [Input] = []
        for name in (json["inputs"]?.list ?? []).compactMap(\.text) {
            guard let shape = try run.shape(of: name) ?? request.shape else { throw .noShape(input: name) }
            inputs.append(Input(name, shape))
        }
        do {
            let plain = try Network(inputs: inputs, nodes: try run.nodes(of: json))
            network = try run.flagged(plain, on: device)
            notes = (json["notes"]?.list ?? []).compactMap(\.text) + run.notes
        } catch let error as MagikError {
            throw error
        } catch {
            throw .refused("\(error)")
        }
    }
}

extension JSON {
    var list: [JSON]? {
        if case .array(let values) = self { return values }
        return nil
    }

    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var whole: Int? {
        if case .integer(let number) = self { return number }
        guard case .number(let number) = self, number == number.rounded(), abs(number) < 1e15 else {
            return nil
        }
        return Int(held: number)
    }

    var truth: Bool? {
        if case .boolean(let isSet) = self { return isSet }
        // Python's own: 0 and 1 stand for it too.
        guard case .integer(let number) = self, (0...1).contains(number) else { return nil }
        return number == 1
    }
}
