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
                return SampleLine(name: name, summary: document.summary, device: document.device.rawValue)
            } catch {
                preconditionFailure("\(error)")
            }
        }
}
