import Graph

/// Puts our layers together while the operators of a file are read in their order.
final class ImportBuilder {
    /// What each name of the file stands for so far.
    var known: [String: Known] = [:]
    /// The axes of names that stand for nothing, as far as they can be told.
    var lostDims: [String: [Int]] = [:]
    /// The inputs that stand for results of refused operators.
    private(set) var substitutes: Set<String> = []
    /// The layers so far.
    var drafts: [ImportedLayer] = []
    private var draftPlaces: [String: Int] = [:]
    /// The shape of every input and result.
    private(set) var shapes: [Source: Shape] = [:]
    /// The parts that channels of a result have been cut into so far, ascending.
    var parts: [Source: [(range: Range<Int>, source: Source)]] = [:]
    /// Results that were joined on channels before, by what they join.
    var joins: [String: Value] = [:]
    /// Results that were put in order before.
    var settledPlanes: [Planes: Value] = [:]
    /// Layers that step over rows and columns.
    var taps: [Tap: Source] = [:]
    /// The names that are read behind all operators.
    var results: Set<String> = []
    /// The functions that several operators of the file are together.
    var functions = KnownFunctions()
    /// What the file itself does to an input before anything else, by the layer that enters it: a factor, then an addend.
    var entries: [String: (scale: Float, shift: Float)] = [:]
    /// By its name, how many times what it is in the file the result of a layer is.
    var enlarged: [String: Float] = [:]
    /// The same of all results, one number a channel, when everything has been read; absent where it is 1.
    var factors: [Source: [Float]] = [:]
    /// The batch norms that divide results by their factors.
    var settledFactors: [Source: Source] = [:]
    /// The network's inputs.
    private(set) var inputs: [Input] = []
    /// What a person decided of the import.
    var options: ONNXImport.Options
    /// How often each name is read.
    let uses: [String: Int]
    /// The samples that the file's shapes count; 1 where it leaves the number open.
    var batch = 1
    /// What a person should know about the import.
    var notes: [ONNXReport.Note] = []
    /// The operator that is being read.
    var node = ONNXNode()
    private var taken: Set<String> = []
    private var room: Int
    private var describedRoom = ImportBuilder.describedLimit

    /// The numbers that an import may make beside those of the file, and for each byte of the file: a few bytes never
    /// become gigabytes.
    private static let madeLimit = (fixed: 1 << 25, each: 4)
    /// The numbers that a file may describe by one that is everywhere.
    private static let describedLimit = 150 << 20

    /// A builder for names that are read so often, in a file of so many bytes.
    init(
        uses: [String: Int], fileBytes: Int = 0, options: ONNXImport.Options = ONNXImport.Options()
    ) {
        self.uses = uses
        self.options = options
        room = ImportBuilder.madeLimit.fixed + ImportBuilder.madeLimit.each * fileBytes
    }

    /// Counts numbers that are about to be made; throws where the import has made too many.
    func spend(_ count: Int) throws(Refusal) {
        guard count <= room else {
            throw Refusal("the import would make more numbers than it may of such a small file")
        }
        room -= count
    }

    /// Counts numbers that the file describes by one that is everywhere.
    func describe(_ count: Int) throws(Refusal) {
        guard count <= describedRoom else {
            throw Refusal("the file makes more than \(ImportBuilder.describedLimit) numbers of one")
        }
        describedRoom -= count
    }

    /// A matrix with its axes exchanged.
    func exchanged(_ matrix: ONNXTensor) throws(Refusal) -> ONNXTensor {
        if !matrix.isFilled { try spend(matrix.count) }
        return matrix.transposed([1, 0])
    }

    /// Adds an input of the network.
    func addInput(_ name: String, _ shape: Shape) -> Source {
        let name = freeName(name)
        inputs.append(Input(name, shape))
        shapes[Source(name)] = shape
        return Source(name)
    }

    /// Lets an input of the network stand for a result that no layer gives, so that what reads it can be judged.
    func addPlaceholder(_ name: String, _ dims: [Int], isNonNegative: Bool) {
        lostDims[name] = dims
        known[name] = .missing
        var value = Value(source: Source(name), shape: .vector(1), dims: dims)
        guard dims.count > 1, dims[0] == batch, dims.allSatisfy({ (1...65536).contains($0) }),
            let shape = value.naturalShape, shape.elements <= Shape.elementLimit
        else { return }
        value.shape = shape
        value.source = addInput(name, shape)
        substitutes.insert(value.source.name)
        value.isNonNegative = isNonNegative
        value.isShared = true
        known[name] = .value(value)
    }

    /// The axes of a name, as far as they can be told.
    func dims(of name: String) -> [Int]? {
        switch known[name] {
        case .constant(let tensor)?: tensor.dims
        case .value(let value)?: value.dims
        case .missing?, nil: lostDims[name]
        }
    }

    /// Says what a result of the file is.
    func define(_ name: String, _ value: Value) {
        guard !name.isEmpty else { return }
        var value = value
        value.isShared = value.isShared || uses[name, default: 0] - functions.saved[name, default: 0] > 1
        known[name] = .value(value)
    }

    /// A remark on the operator that is being read.
    func note(_ text: String, _ kind: ONNXReport.Note.Kind = .change) {
        notes.append(ONNXReport.Note(node: nodeName, operator: node.opType, text: text, kind: kind))
    }

    /// Says what the file itself does to an image, in place of what is not known of it.
    func enter(_ layer: String, mean: Double, variance: Double) {
        notes.removeAll { $0.operator == "input" && $0.text.contains("'\(layer)'") }
        let text =
            "the file itself makes (x - mean) / variance of its image; '\(layer)' has mean \(Float(mean)) and variance \(Float(variance)), which the loader applies"
        if let place = notes.firstIndex(where: { $0.text.contains("which the loader applies") }) {
            notes[place].text = text
        } else {
            note(text)
        }
    }

    /// What the file calls the operator, or its first result where it has no name.
    var nodeName: String { ImportBuilder.name(of: node) }

    /// What the file calls an operator, or its first result where it has no name.
    static func name(of node: ONNXNode) -> String {
        node.name.isEmpty ? node.output.first ?? node.opType : node.name
    }

    /// The draft that gives a value and may still be changed: nothing else reads it.
    func openDraft(_ value: Value) -> ImportedLayer? {
        guard !value.isShared, value.pending == nil, value.source.output == 0,
            let place = draftPlaces[value.source.name], !drafts[place].isClosed
        else { return nil }
        return drafts[place]
    }

    /// Adds a layer; throws where it does not take the shapes of its inputs.
    func add(
        _ layer: Layer, reading values: [Value], parameters: [String: ONNXTensor] = [:], name: String? = nil
    ) throws(Refusal) -> [Value] {
        let values = try values.map { (value) throws(Refusal) in try resolved(value) }
        let results: [Shape]
        do {
            results = try layer.settings.outputShapes(of: values.map(\.shape))
        } catch {
            throw Refusal("\(error)")
        }
        let name = freeName(name ?? nodeName)
        append(ImportedLayer(name, layer, inputs: values.map(\.source), parameters: parameters))
        return results.enumerated().map { output, shape in
            shapes[Source(name, output: output)] = shape
            return Value(
                source: Source(name, output: output), shape: shape, dims: [batch] + shape.dimensions)
        }
    }

    /// Adds a layer with one result, which has the given axes in the file.
    func add(
        _ layer: Layer, reading value: Value, parameters: [String: ONNXTensor] = [:], dims: [Int]? = nil,
        name: String? = nil
    ) throws(Refusal) -> Value {
        var result = try add(layer, reading: [value], parameters: parameters, name: name)[0]
        if let dims { result.dims = dims }
        return result
    }

    /// The layer of a name.
    func draft(_ name: String) -> ImportedLayer? { draftPlaces[name].map { drafts[$0] } }

    /// What a Route joins; nil where another layer gives the result.
    func routed(_ source: Source) -> [Source]? {
        guard let draft = draft(source.name), draft.layer.kind == .route else { return nil }
        return draft.inputs
    }

    /// Whether data enters the network as this result.
    func isEntry(_ source: Source) -> Bool { draft(source.name).map { $0.layer.kind == .preprocess } ?? true }

    /// Takes the activation Linear from products that nothing reads: a last layer without one has none.
    func openEnds() {
        let read = Set(drafts.flatMap { $0.inputs.map(\.name) })
        for draft in drafts where !read.contains(draft.name) && !draft.isClosed {
            guard draft.layer.kind == .conv2D || draft.layer.kind == .fullConnected,
                var settings = draft.layer.settings as? any Product
            else { continue }
            settings.activationFunction = .none
            draft.layer = settings.layer
        }
    }

    /// Takes the layers away that no result needs, and then the inputs that nothing reads.
    func removeUnneeded(for results: [Source]) {
        var needed: Set<String> = []
        var open = results.map(\.name)
        while let name = open.popLast() {
            guard needed.insert(name).inserted, let place = draftPlaces[name] else { continue }
            open += drafts[place].inputs.map(\.name)
        }
        replaceDrafts(drafts.filter { needed.contains($0.name) })
        let read = inputs.filter { needed.contains($0.name) }
        if !read.isEmpty { inputs = read }
    }

    /// Puts a layer behind all others.
    func append(_ draft: ImportedLayer) {
        draftPlaces[draft.name] = drafts.count
        drafts.append(draft)
    }

    /// Puts other layers in the place of all, in the order in which they read each other.
    func replaceDrafts(_ layers: [ImportedLayer]) {
        drafts = layers
        draftPlaces = [:]
        for (place, draft) in drafts.enumerated() { draftPlaces[draft.name] = place }
    }

    /// Takes substitutes away that nothing reads.
    func dropUnreadPlaceholders() {
        let read = readNames
        inputs.removeAll { substitutes.contains($0.name) && !read.contains($0.name) }
    }

    /// Whether a name is that of a layer.
    func isLayer(_ name: String) -> Bool { draftPlaces[name] != nil }

    /// The layers and inputs that layers read.
    var readNames: Set<String> { Set(drafts.flatMap { $0.inputs.map(\.name) }) }

    /// Keeps names from being given to layers.
    func reserve(_ names: some Sequence<String>) { taken.formUnion(names) }

    /// The value under another shape of as many elements.
    func form(_ value: Value, as shape: Shape?) throws(Refusal) -> Value {
        guard let shape else { throw Refusal("it has no axis beside the batch") }
        let value = try resolved(value)
        if value.shape == shape { return value }
        var flatten = Flatten()
        flatten.shape = [-1] + shape.dimensions
        var formed = try add(.flatten(flatten), reading: value, dims: value.dims, name: "flatten")
        formed.takeBounds(of: [value])
        formed.isShared = value.isShared
        return formed
    }

    /// The value as a feature map.
    func map(_ value: Value) throws(Refusal) -> Value { try form(value, as: value.mapShape) }

    /// A name that no layer and no input has yet, made from one of the file.
    private func freeName(_ stem: String) -> String {
        var name = ""
        for scalar in stem.unicodeScalars {
            let text = String(scalar)
            if name.isEmpty, scalar == "/" { continue }
            name += Network.isName(text) ? text : "_"
        }
        name = String(name.prefix(56))
        if !Network.isName(name) { name = "layer" }
        var free = name
        var number = 2
        while !taken.insert(free).inserted {
            free = "\(name)_\(number)"
            number += 1
        }
        return free
    }
}
