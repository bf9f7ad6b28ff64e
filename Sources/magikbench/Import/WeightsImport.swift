import Datasets
import Devices
import Editing
import Foundation
import Graph
import Interchange
import QAT
import Sessions
import Terminal
import Weights

extension WeightMatch {
    /// Holds a file of weights against a session's network.
    init(path: String, for session: Session) throws {
        let network = session.document.network
        let family = session.document.device.family
        let before = try session.weights(isRequired: false)
        if path.lowercased().hasSuffix(".npz") {
            let arrays = try NPZArrays(path)
            try self.init(of: network, on: family, names: arrays.names, before: before) { name in
                try arrays.numbers(name).map { ($0.axes, $0.values, $0.isDouble) }
            }
            return
        }
        let file = try CommandFile.tensors(path)
        try self.init(
            of: network, on: family, names: file.tensors.map(\.name), before: before
        ) { name in
            guard let tensor = file[name] else { return nil }
            return (tensor.shape, try tensor.numbers(), tensor.dtype == .float64)
        }
    }

    /// What fitted, in words.
    func text(for session: String) -> String {
        var lines = [
            fits
                ? "\(counted(matched.count, "tensor")) taken over into \(session.printable)"
                : "nothing was taken over into \(session.printable): \(counted(matched.count, "tensor")) would fit"
        ]
        if fits, !rounded.isEmpty {
            lines.append(
                "  \(counted(rounded.count, "tensor")) of double precision rounded to single precision")
        }
        for misfit in misfits {
            lines.append(
                "  \(misfit.name.printable): has the axes \(misfit.found), \(misfit.expected) are needed")
        }
        lines += list(broken, "holds a number that is not finite")
        lines += list(missing, "is not in the file, and the session has none")
        lines += list(kept, "is not in the file and stays as it was")
        lines += list(unknown, "is in the file alone: no parameter has that name")
        return lines.joined(separator: "\n")
    }

    private func list(_ names: [String], _ what: String) -> [String] {
        names.prefix(8).map { "  \($0.printable): \(what)" }
            + (names.count > 8 ? ["  and \(names.count - 8) more like that"] : [])
    }

    /// What fitted, as JSON.
    var json: JSON {
        func names(_ list: [String]) -> JSON { .array(list.map(JSON.string)) }
        return [
            "taken": .boolean(fits), "matched": names(matched), "kept": names(kept),
            "missing": names(missing),
            "misfits": names(misfits.map(\.name)), "broken": names(broken), "unknown": names(unknown),
            "rounded": names(rounded),
        ]
    }
}
