public import Devices
public import Graph
public import Weights

/// Everything that a screen shows of a document: what it is, how it became so, and what follows from it.
///
/// What follows is worked out in the call that changes the document, so the parts never contradict each other.
public struct EditorState: Sendable {
    /// The document with the way back and forth.
    public private(set) var history: History
    /// What follows from the network on its chip.
    public private(set) var analysis: Analysis
    /// What the chip says of the network.
    public private(set) var report: Report
    /// The reports of all chips, once they were needed: see `allReports`.
    public private(set) var reports: [Report]?
    /// What happens to the weights on the way from there, beyond carrying them along.
    public private(set) var carryNotes: [CarryNote] = []
    /// Those that the last change has added.
    public private(set) var newCarryNotes: [CarryNote] = []
    /// The weights of documents on the way, the latest last.
    var origins: [EditorOrigin] = []
    /// What the screen showed last, as the screen writes it; saved with the document, and never a change of it.
    public var screen: JSON?

    /// The name of the session.
    public private(set) var name: String
    /// The session's folder, or nil while it was never saved.
    public private(set) var path: String?
    /// Why the session cannot be written; nil where it can.
    public private(set) var readOnly: ReadOnlyReason?

    /// An editor for a document; without a path it was never saved.
    public init(
        _ document: Document, name: String, path: String? = nil, readOnly: ReadOnlyReason? = nil
    ) {
        history = History(document)
        screen = document.screen
        self.name = name
        self.path = path
        self.readOnly = readOnly
        analysis = Analysis(document.network, on: document.device.family)
        report = Checker.report(on: analysis, for: document.device, waivers: document.waivers)
    }

    /// The document now.
    public var document: Document { history.current }
    /// The network now.
    public var network: Network { history.current.network }
    /// The chip that the network is for.
    public var device: Device { history.current.device }

    /// The document as it is to be saved: with what the screen shows.
    public var documentToSave: Document {
        var document = document
        document.screen = screen
        return document
    }

    /// What all six chips say, in the order of `Device.allCases`; worked out once for each document.
    public mutating func allReports() -> [Report] {
        if let reports { return reports }
        let document = document
        let own = analysis
        let other = ArithmeticFamily.allCases.first { $0 != own.facts.family }.map { own.on($0) }
        let all = Device.allCases.map { device in
            device == document.device
                ? report
                : Checker.report(
                    on: device.family == own.facts.family ? own : other ?? own, for: device,
                    waivers: document.waivers)
        }
        reports = all
        return all
    }
}

// Changes, each a step that can be taken back.
extension EditorState {
    /// Makes a change; false, and no step, where it changes nothing.
    ///
    /// Without a title it is named after what it does, without a focus it is about the layer and field that it names.
    @discardableResult
    public mutating func edit(
        _ edit: Edit, title: String? = nil, focus: History.Focus? = nil, at time: Double
    ) throws(EditError) -> Bool {
        var document = document
        try document.apply(edit)
        let renames = edit.formerNames
        if origin != nil {
            (document, _) = WeightOrigin.completed(document, from: self.document, formerNames: renames)
        }
        let focus = focus ?? edit.focus
        // Repeats are one step, which is told from where it began.
        let title = title ?? history.base(for: focus, at: time).network.title(of: edit)
        return commit(document, title: title, focus: focus, renames: renames, at: time)
    }

    /// Makes several changes as one step: all, or none.
    @discardableResult
    public mutating func edits(
        _ edits: [Edit], title: String, focus: History.Focus? = nil, at time: Double
    ) throws(EditError) -> Bool {
        try edit(.all(title, edits), title: title, focus: focus, at: time)
    }

    /// Builds for another chip.
    @discardableResult
    public mutating func setDevice(_ device: Device, at time: Double) -> Bool {
        change("device \(self.device) to \(device)", at: time) { $0.device = device }
    }

    /// Waives a rule on a layer, for a reason; false where the reason says nothing or the layer is not there.
    @discardableResult
    public mutating func waive(rule: String, layer: String, reason: String, at time: Double) -> Bool {
        waive(rule: rule, layers: [layer], reason: reason, at: time)
    }

    /// Waives a rule on some layers for the same reason, as one step; false where the reason says nothing or no layer is
    /// there.
    @discardableResult
    public mutating func waive(rule: String, layers: [String], reason: String, at time: Double) -> Bool {
        let words = layers.count == 1 ? layers[0] : counted(layers.count, "layer")
        return change("accept \(rule) on \(words)", focus: .init(layer: layers.first), at: time) { document in
            for layer in layers {
                let waiver = Waiver(rule: rule, layer: layer, reason: reason)
                guard Document.hasReason(waiver) else { return }
                if let place = document.waivers.firstIndex(where: { $0.rule == rule && $0.layer == layer }) {
                    document.waivers[place] = waiver
                } else {
                    document.waivers.append(waiver)
                }
            }
        }
    }

    /// Removes a waiver; false if there was none.
    @discardableResult
    public mutating func unwaive(rule: String, layer: String, at time: Double) -> Bool {
        unwaive(rule: rule, layers: [layer], at: time)
    }

    /// Removes the waivers of a rule on some layers, as one step; false if there was none.
    @discardableResult
    public mutating func unwaive(rule: String, layers: [String], at time: Double) -> Bool {
        let words = layers.count == 1 ? layers[0] : counted(layers.count, "layer")
        return change("stop accepting \(rule) on \(words)", focus: .init(layer: layers.first), at: time) {
            document in
            let layers = Set(layers)
            document.waivers.removeAll { $0.rule == rule && layers.contains($0.layer) }
        }
    }

    /// Takes the last step back and says which it was; nil where there is none.
    public mutating func undo() -> History.Step? {
        let step = history.undo()
        if step != nil { derive() }
        return step
    }

    /// Makes the step again that was taken back last and says which it was; nil where there is none.
    public mutating func redo() -> History.Step? {
        let step = history.redo()
        if step != nil { derive() }
        return step
    }

    /// The document is on disk, under this name and path.
    public mutating func markSaved(name: String, path: String) {
        self.name = name
        self.path = path
        readOnly = nil
        history.markSaved()
    }

    /// Puts a document in place of this one as a step, such as one that was recovered; `formerNames` has the names
    /// that renamed layers and inputs have now by those that they get.
    @discardableResult
    public mutating func replace(
        with document: Document, title: String, formerNames: [String: String] = [:], at time: Double
    ) -> Bool {
        commit(
            document.showing(self.document.screen), title: title, focus: .init(), renames: formerNames,
            at: time)
    }

    private mutating func change(
        _ title: String, focus: History.Focus = .init(), at time: Double, _ body: (inout Document) -> Void
    ) -> Bool {
        var document = document
        body(&document)
        return commit(document, title: title, focus: focus, at: time)
    }

    mutating func commit(
        _ document: Document, title: String, focus: History.Focus, renames: [String: String] = [:],
        isForced: Bool = false, at time: Double
    ) -> Bool {
        let before = history.position
        guard
            history.commit(
                document, title: title, focus: focus, renames: renames, isForced: isForced, at: time)
        else { return false }
        // Those of steps that were taken back are out of reach now.
        origins.removeAll { $0.position > before }
        derive()
        return true
    }

    private mutating func derive() {
        let document = document
        analysis = Analysis(document.network, on: document.device.family)
        report = Checker.report(on: analysis, for: document.device, waivers: document.waivers)
        reports = nil
        deriveNotes()
    }

    /// Says of no change what it did to the weights: these are of the document itself.
    mutating func forgetCarryNotes() {
        deriveNotes()
        newCarryNotes = []
    }

    private mutating func deriveNotes() {
        let before = carryNotes
        carryNotes = origin?.carry(to: document, formerNames: formerNames, withNumbers: false).notes ?? []
        newCarryNotes = carryNotes.filter { !before.contains($0) }
    }
}

extension Document {
    /// The document with another state of the screen.
    fileprivate func showing(_ screen: JSON?) -> Document {
        var document = self
        document.screen = screen
        return document
    }
}

extension Edit {
    /// The layer and field that the change is about, as far as it is about one.
    public var focus: History.Focus {
        switch self {
        case .set(let layer, let field, _): .init(layer: layer, field: field)
        case .replace(let layer, _), .move(let layer, _), .clearImported(let layer, _): .init(layer: layer)
        case .annotate(let layer, _): .init(layer: layer, field: "note")
        case .rewire(let layer, _): .init(layer: layer, field: "inputs")
        case .insert(let node, _): .init(layer: node.name)
        case .rename(_, let newName): .init(layer: newName)
        case .reshapeInput(let input, _): .init(layer: input, field: "shape")
        case .addInput(let input): .init(layer: input.name)
        case .remove, .setTask: .init()
        case .all(_, let edits):
            // One field of several layers is about the first of them, so that a held key is one step there too.
            History.Focus(
                layer: edits.first?.focus.layer,
                field: edits.dropFirst().reduce(edits.first?.focus.field) { $1.focus.field == $0 ? $0 : nil })
        }
    }
}
