import Devices
import Editing
import Graph
import Sessions

extension Document {
    /// What a new network begins with: an image.
    static var empty: Document {
        do {
            return Document(
                network: try Network(
                    inputs: [Input("image", .map(channels: 3, height: 32, width: 32))], nodes: []),
                device: .t40)
        } catch {
            preconditionFailure("a network may have an input: \(error)")
        }
    }
}

/// A sample in a line.
struct SampleLine: Hashable, Sendable {
    /// Its name.
    let name: String
    /// What it is.
    let summary: String
    /// The chip that it is for.
    let device: String

    /// All samples, as the first screen lists them; read when that is shown.
    ///
    /// Those that break every rule of a chip, for looking at the rules, stand last.
    static let all: [SampleLine] =
        (Samples.names.filter { !$0.hasPrefix("broken") }
        + Samples.names.filter { $0.hasPrefix("broken") }).compactMap { name in
            do {
                let document = try Samples.document(named: name)
                // The chip stands in a column of its own.
                let device = document.device.rawValue
                let summary = document.summary.split(separator: ", ").dropLast().map(String.init).map(grouped)
                    .joined(separator: ", ")
                return SampleLine(name: name, summary: summary, device: device)
            } catch {
                preconditionFailure("\(error)")
            }
        }

    /// "346672 parameters" as "346,672 parameters".
    private static func grouped(_ words: String) -> String {
        let parts = words.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[0]) else { return words }
        return "\(Figures.grouped(number)) \(parts[1])"
    }
}
