public import Devices
public import Graph

/// Something that can be done about a finding, with what it costs.
public struct Remedy: Hashable, Sendable {
    /// What is done.
    public enum Kind: Hashable, Sendable {
        /// The network changes.
        case edit(Edit)
        /// The network is built for another chip.
        case device(Device)
        /// The finding is accepted (waived), for a reason that is still to be given; or no longer.
        case waive
    }

    /// What is done.
    public let kind: Kind
    /// What it does, in words: "widen b5.mid to 96".
    public let title: String
    /// What it costs; nil where the network and the chip stay.
    public let price: EditCost?
    /// A further remark, such as what another chip makes of it; empty if there is none.
    public let remark: String
    /// Whether it adds no finding and changes no shape, or none of the results' shapes and float numbers.
    public let isSafe: Bool
}

extension EditorState {
    /// The document with a remedy; nil where it stays as it is, or the edit cannot be made.
    public func document(after remedy: Remedy) -> Document? {
        var changed = document
        switch remedy.kind {
        case .edit(let edit):
            do throws(EditError) {
                try changed.apply(edit)
            } catch {
                return nil
            }
        case .device(let device): changed.device = device
        case .waive: return nil
        }
        return changed
    }

    /// What can be done about a finding, the best first: the safe ones, other changes of the network, other chips,
    /// accepting it, and last the layer's removal. Each change of the network settles the finding. Of an accepted finding
    /// the first is to stop accepting it.
    ///
    /// Takes as long as a few edits; ask `allReports` before, and it need not ask all chips by itself.
    public func remedies(for finding: Finding) -> [Remedy] {
        var asked = self
        let search = RemedySearch(
            document: document, before: CheckedNetwork(analysis, report), finding: finding)
        let changes = search.changes() + search.devices(asked.allReports(), without: [finding])
        return finding.waived == nil
            ? changes + search.waiving() + search.removal()
            : search.waiving() + changes + search.removal()
    }
}
