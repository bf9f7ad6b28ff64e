import Graph
import Platform
import QAT

/// What sweeps have measured, kept in the session's folder, so that a sweep that was stopped goes on where it was.
///
/// A sweep measures the network as it is anew each time. What was kept counts only where that comes out as before, to the
/// bit, layer by layer: other weights, other data or another arithmetic are noticed.
public struct SweepCache: Sendable {
    /// The file in the folder of a session.
    public static let fileName = "sweep.json"
    private static let sizeLimit = 16 << 20
    /// Networks whose measures are kept.
    private static let networks = 8

    /// What decides the measures.
    struct Key: Hashable, Sendable {
        let text: String

        /// A network on samples, with what came out.
        init(_ request: SweepRequest, _ report: ProbeReport, _ found: SweepMeasure) {
            var hash = FNVHash()
            for part in report.parts {
                for tensor in [part.weight, part.feature].compactMap({ $0 }) {
                    let seen = tensor.observation
                    let numbers = [seen.minimum, seen.maximum, seen.sqnr ?? -1, tensor.accumulatedSQNR ?? -1]
                    for number in numbers { hash.add(number.bitPattern) }
                }
            }
            hash.add((found.accuracy ?? -1).bitPattern)
            let digits = String(hash.value, radix: 16)
            text = "\(request.probe.network.digest) \(report.samples) \(request.labelled) \(digits)"
        }
    }

    /// What is known by the changes that led to it: assignments, sorted, with spaces between them.
    var measures: [String: SweepMeasure] = [:]
    private let folder: String
    private var key: Key?
    /// Of other networks, as they were read.
    private var others: [JSON] = []

    /// The cache of a session's folder.
    public init(folder: String) { self.folder = folder }

    /// Finds what is kept of a network. Throws where something else than a file of ours has its name.
    mutating func open(as key: Key) throws(SweepError) {
        self.key = key
        measures = [:]
        others = []
        guard case .array(let entries)? = try stored()["networks"] else { return }
        for entry in entries {
            if entry["key"] == .string(key.text) {
                measures = SweepCache.read(entry["measures"] ?? .null)
            } else {
                others.append(entry)
            }
        }
    }

    /// Writes it, the network of this sweep first. Where the folder cannot be written to, nothing is kept.
    func write() {
        guard let key else { return }
        let own = JSON.object([
            .init("key", .string(key.text)),
            .init(
                "measures",
                .object(
                    measures.sorted { $0.key < $1.key }.map { text, measure in
                        .init(
                            text,
                            .array([
                                measure.sqnr.map { .number($0) } ?? .null,
                                measure.accuracy.map { .number($0) } ?? .null,
                            ]))
                    })),
        ])
        let entries = [own] + others.prefix(SweepCache.networks - 1)
        let file = JSON.object([
            .init("format", "magikbench sweep 1"), .init("networks", .array(Array(entries))),
        ])
        do {
            try Folder(folder).replace(SweepCache.fileName, with: Array(file.pretty.utf8))
        } catch {
            // What was measured is shown all the same; a later sweep measures it again.
        }
    }

    /// What the file holds; one that cannot be read is one that is not there.
    private func stored() throws(SweepError) -> JSON {
        let bytes: [UInt8]
        do {
            bytes = try Folder(folder).read(SweepCache.fileName, limit: SweepCache.sizeLimit)
        } catch {
            switch error {
            case .link, .unfit, .shared:
                throw .cache(folder + "/" + SweepCache.fileName, reason: "\(error)")
            case .system, .larger, .unsynced, .keeps, .full: return .null
            }
        }
        do {
            return try JSON(bytes: bytes)
        } catch {
            return .null
        }
    }

    private static func read(_ json: JSON) -> [String: SweepMeasure] {
        guard case .object(let members) = json else { return [:] }
        var found: [String: SweepMeasure] = [:]
        for member in members {
            guard case .array(let numbers) = member.value, numbers.count == 2 else { continue }
            found[member.key] = SweepMeasure(sqnr: number(numbers[0]), accuracy: number(numbers[1]))
        }
        return found
    }

    private static func number(_ json: JSON) -> Double? {
        if case .integer(let number) = json { return Double(number) }
        guard case .number(let number) = json else { return nil }
        return number
    }
}
