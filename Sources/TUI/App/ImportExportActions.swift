public import Editing
import Graph
import Interchange
import Terminal

// Networks of other programs, read and written.
extension ScreenState {
    /// Reads the model of the page again, with approximations.
    mutating func approximate() {
        guard let page = popups.last as? Page, let model = page.model else { return }
        popups.removeLast()
        let words = [page.typed, ImportedFile.approximately]
        read(model, typed: words.filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// Reads the model of the page again, up to the first operators that no chip has.
    mutating func openUpToRefused() {
        guard let page = popups.last as? Page, let model = page.model else { return }
        popups.removeLast()
        let words = [page.typed, ImportedFile.ending + page.cut.joined(separator: ",")]
        read(model, typed: words.filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// Asks for the sizes of inputs that a model leaves open, then reads it again.
    mutating func askForSizes(of path: String, _ reason: String, proposal: String) {
        busyFile = nil
        message = nil
        popups.append(
            Prompt(
                "size of the input",
                help: "\(reason). Type its axes behind the batch, as channels x height x width",
                text: proposal
            ) { _, text in
                let words = text.split(separator: " ").map(String.init)
                return words.isEmpty || ImportedFile.sizes(words) == nil
                    ? "numbers from 1 on, with x between them: \(proposal)" : nil
            } take: { screen, text in
                screen.read(path, typed: text)
            })
    }

    /// Every format with what it keeps.
    mutating func openExport() {
        let entries = ExportFormat.allCases.flatMap { format in
            let plain = Picker.Entry(
                title: format.rawValue, detail: format.purpose, note: format.ending,
                whyNot: whyNotWritable(format), completion: format.rawValue
            ) { $0.askForExportPath(format.rawValue) }
            guard format == .onnx, hasHost else { return [plain] }
            var whole = plain
            whole.title = ScreenState.withHost
            whole.completion = ScreenState.withHost
            whole.detail = "the same with the head that the host computes"
            whole.pick = { $0.askForExportPath(ScreenState.withHost) }
            return [plain, whole]
        }
        popups.append(Picker("export \(editor.name) as", entries))
    }

    /// ONNX with the host's part behind the network.
    private static let withHost = "onnx+host"

    mutating func askForExportPath(_ name: String) {
        let hasHead = name == ScreenState.withHost && hasHost
        guard let format = hasHead ? .onnx : ExportFormat(rawValue: name) else {
            let names = ExportFormat.allCases.map(\.rawValue) + (hasHost ? [ScreenState.withHost] : [])
            return refuse(
                "no format is named '\(name.oneLine(upTo: 32))'; there is \(names.joined(separator: ", "))")
        }
        if let reason = whyNotWritable(format) { return refuse("\(name): \(reason)") }
        popups.append(
            Prompt(
                "export as \(name)",
                help: "the file to write; a file that is there is replaced. " + format.keeps
                    + (hasHead ? " Behind it is the head: together they are the model that was opened." : ""),
                text: editor.name.replacing("/", with: "_") + (hasHead ? "-with-host" : "") + format.ending,
                paths: .written, check: Prompt.refusingBlank("a file needs a name")
            ) { screen, path in screen.export(as: format, to: path, withHost: hasHead) })
    }

    /// Why the network cannot be written in a format; nil where it can.
    private func whyNotWritable(_ format: ExportFormat) -> String? {
        format.needsWeights && editor.origin == nil
            ? "there are no weights yet; \(key("train")) and \(key("new-run")) train them" : nil
    }

    /// A module is a program: reading it runs it, which must not happen by accident.
    private mutating func askToRun(_ path: String) {
        popups.append(
            Prompt(
                "run \(path.oneLine(upTo: 50))",
                help:
                    "Reading a module runs it with python3, as any program: \(key("open-row")) where you trust it. "
                    + "Where its class takes arguments, or the file does not say the input's shape, type them: "
                    + "is_quantize=True, BITA=8; 3x32x32"
            ) { screen, text in screen.read(path, typed: text) })
    }

    /// Opens what a path names: a session, or a network of another program.
    mutating func open(path: String) {
        if MagikImport.isModule(path) { return askToRun(path) }
        if ImportedModel.isModel(path) { return read(path, typed: "") }
        open(.session(path))
    }

    mutating func read(_ path: String, typed: String) {
        guard canReplace else { return }
        busyFile = path
        effects.append(.read(path, typed: typed))
        say("reading \(path.oneLine(upTo: 60))")
    }

    mutating func export(as format: ExportFormat, to path: String, withHost: Bool) {
        busyFile = path
        effects.append(.export(format: format, path: path, withHost: withHost))
        say("writing \(path.oneLine(upTo: 60))")
    }

    /// What a file has become: nil where it is opened, and what to say in lines.
    ///
    /// `cut` are the tensors at which a model could end.
    public mutating func refusedImport(
        of path: String, _ lines: [String], typed: String = "", cut: [String] = []
    ) {
        busyFile = nil
        message = nil
        var page = Page("\(path.oneLine(upTo: 50)) cannot be opened", lines)
        if ImportedModel.isModel(path) {
            page.model = path
            page.typed = typed
            let open = key("approximate")
            page.cut = cut
            let upTo = "\(key("cut")) opens what lies before them, and leaves the rest to the host"
            page.lines =
                ["\(open) opens it with operators that come near to those that no chip has"]
                + (cut.isEmpty ? [] : [upTo]) + [""] + lines
        }
        popups.append(page)
    }

    /// A file was opened in place of the document.
    public mutating func imported(_ editor: EditorState, from path: String, _ lines: [String]) {
        replace(with: editor)
        busyFile = nil
        say("opened \(path.oneLine(upTo: 60)); \(key("w")) keeps it as a session")
        guard !lines.isEmpty else { return }
        // What is to be done next stands behind the answer, where a page of any length shows it.
        let next =
            "next: \(key("fix-all")) fixes what keeps the numbers, \(key("quantize")) quantizes it from pictures of yours, "
            + "\(key("export")) writes it for other programs"
        let answer = lines.firstIndex(of: "") ?? lines.count
        let hasNext = self.editor.origin != nil
        var page = Page(
            path.oneLine(upTo: 60), lines[..<answer] + (hasNext ? [next] : []) + lines[answer...])
        page.advised = hasNext ? ["fix-all", "quantize", "export"] : []
        popups.append(page)
    }

    /// A file was written.
    public mutating func exported(_ text: String) {
        busyFile = nil
        say(text)
    }

    /// A file could not be read or written.
    public mutating func failedImportOrExport(_ text: String) {
        busyFile = nil
        refuse(text)
    }

    /// Whether nothing is lost when another document is opened; says so where not.
    var canReplaceSilently: Bool { !editor.history.isChanged }

    private var canReplace: Bool {
        mutating get {
            guard editor.history.isChanged else { return true }
            refuse(
                "\(editor.name) has unsaved changes: save them (\(key("w"))) or undo them (\(key("undo"))) before another is opened"
            )
            return false
        }
    }

    /// Why no part of a model is opened; nil where a page has one that could end earlier.
    var whyNotCut: String? {
        (popups.last as? Page)?.cut.isEmpty ?? true
            ? "too little of a model lies before what no chip has" : nil
    }

    var whyNotApproximate: String? {
        (popups.last as? Page)?.model == nil ? "this page is of no model that was refused" : nil
    }

    var whyNoExport: String? {
        if let busy = busyFile { return "\(busy.oneLine(upTo: 40)) is being read or written" }
        return editor.network.nodes.isEmpty ? "the network is empty; \(key("add")) adds a layer" : nil
    }
}
