import Graph

/// Goes once through some of the operators of a file, in their order.
///
/// An operator that is refused stops nothing: where the axes of its results can be told, an input stands for them.
struct ImportPass {
    /// What became of an operator.
    enum Outcome {
        /// Its results do not depend on data, or what it reads was lost before.
        case nothing
        /// No counterpart here.
        case refused
        /// The layer before took it up.
        case joined
        /// The same numbers under other axes.
        case renamed
        /// One of ours only together with those behind it.
        case pending
        /// Layers of its own, the last of which is of this kind.
        case layers(Layer)
    }

    let builder: ImportBuilder
    private(set) var faults: [ONNXReport.Fault] = []
    private(set) var inputs: [ONNXReport.Input] = []
    /// By the place of an operator, what became of it.
    private(set) var outcomes: [Int: Outcome] = [:]
    private let wiring: GraphWiring
    private let opset: Int
    private let declared: [String: [Int]]

    /// Operators that give what they read other axes.
    private static let renaming: Set<String> = [
        "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Dropout", "Cast", "CastLike",
    ]

    /// Reads the operators at some places; `results` are the names that are read behind them.
    init(
        _ file: ONNXFile, _ wiring: GraphWiring, _ inputs: [DeclaredInput], opset: Int,
        options: ONNXImport.Options, places: Set<Int>, results: [String], reserved: Set<String> = []
    ) {
        self.wiring = wiring
        self.opset = opset
        var uses: [String: Int] = [:]
        for place in places where !["Shape", "Size"].contains(wiring.nodes[place].opType) {
            for name in wiring.reads[place] { uses[name, default: 0] += 1 }
        }
        for name in results { uses[name, default: 0] += 1 }
        builder = ImportBuilder(uses: uses, fileBytes: file.size, options: options)
        builder.reserve(reserved)
        for (name, tensor) in file.initializers { builder.known[name] = .constant(tensor) }
        if let name = file.initializers.filter({ $0.value.type == .double && $0.value.count > 1 }).keys.min()
        {
            builder.notes.append(
                ONNXReport.Note(
                    node: name, operator: "weight",
                    text: "weights of double precision were rounded to single precision", kind: .accuracy))
        }
        var declared: [String: [Int]] = [:]
        for info in file.model.graph.valueInfo {
            let dims = info.type.tensorType.shape.dim.enumerated().map { place, axis -> Int in
                if case .dimValue(let size)? = axis.value, size > 0 { return Int(clamping: size) }
                return place == 0 ? 1 : -1
            }
            if !dims.isEmpty { declared[info.name] = dims }
        }
        self.declared = declared
        builder.functions = KnownFunctions(
            places.sorted().map { wiring.nodes[$0] }, results: results,
            inner: Set(places.filter { wiring.leadsToProduct[$0] }.flatMap { wiring.nodes[$0].output }),
            constants: file.initializers, approximates: options.approximates)
        builder.results = Set(results)
        let readers = InputReaders(wiring, places)
        for input in inputs { read(input, readers) }
        for place in places.sorted() { read(place, options) }
    }

    private mutating func fault(_ node: String, _ name: String, _ reason: String, advice: String = "") {
        faults.append(ONNXReport.Fault(node: node, operator: name, reason: reason, advice: advice))
    }
}

// Inputs.
extension ImportPass {
    private mutating func read(_ input: DeclaredInput, _ readers: InputReaders) {
        builder.known[input.name] = .missing
        if let text = ONNXElementType.note(input.type) {
            builder.notes.append(ONNXReport.Note(node: input.name, operator: "input", text: text))
        }
        guard input.dims.count > 1 else {
            fault(
                input.name, "input", "has no axis beside the batch",
                advice: "Give it a batch axis: N, features.")
            return
        }
        // The batch counts too: elements of all samples are multiplied later on.
        guard ONNXTensor.count(of: input.dims) != nil else { return refuse(input) }
        if inputs.isEmpty { builder.batch = input.dims[0] }
        guard input.dims[0] == builder.batch else {
            fault(
                input.name, "input",
                "has \(input.dims[0]) as its first axis and others \(builder.batch): it is no batch",
                advice: "Make it a weight.")
            return
        }
        add(input, readers)
    }

    private mutating func refuse(_ input: DeclaredInput) {
        fault(input.name, "input", "is larger than a network here may read: \(input.dims)")
    }

    private mutating func add(_ input: DeclaredInput, _ readers: InputReaders) {
        let isLast = readers.hasChannelsLast(input)
        let rank = input.dims.count
        let dims = isLast ? ([0, rank - 1] + Array(1..<rank - 1)).map { input.dims[$0] } : input.dims
        var value = Value(source: Source(input.name), shape: .vector(1), dims: dims)
        let shape = isLast || readers.isMap(input.name) ? value.mapShape : value.naturalShape
        guard let shape, shape.dimensions.allSatisfy({ (1...65536).contains($0) }),
            shape.elements <= Shape.elementLimit
        else { return refuse(input) }
        value.shape = shape
        value.source = builder.addInput(input.name, shape)
        inputs.append(
            ONNXReport.Input(
                name: input.name, input: value.source.name, dims: input.dims, isChannelsLast: isLast))
        value.isShared = true
        value.isWhole = ONNXElementType.isWhole(input.type)
        let isWhole = value.isWhole
        if isLast {
            builder.notes.append(
                ONNXReport.Note(
                    node: input.name, operator: "input",
                    text:
                        "the file has the channels as the last axis of its input; the network has them first")
            )
        }
        if dims.count == 4, dims[1] <= 4 {
            // An image: the manual's networks begin with what the loader does to it.
            do throws(Refusal) {
                value = try builder.add(
                    .preprocess(Preprocess()), reading: value, dims: dims, name: "preprocess")
                value.isShared = true
                value.isWhole = isWhole
                builder.notes.append(
                    ONNXReport.Note(
                        node: input.name, operator: "input",
                        text:
                            "the file does not say how its images were made into numbers: set mean and variance of 'preprocess' to what it was trained with",
                        kind: .task))
            } catch {
                fault(input.name, "input", error.reason)
                return
            }
        }
        if isLast {
            value.pending = .view(AxisView(dims: dims).transposed([0] + Array(2..<rank) + [1]))
            value.dims = input.dims
        }
        builder.known[input.name] = .value(value)
    }
}

// Operators.
extension ImportPass {
    private mutating func read(_ place: Int, _ options: ONNXImport.Options) {
        let node = wiring.nodes[place]
        builder.node = node
        outcomes[place] = .nothing
        guard ["", "ai.onnx"].contains(node.domain) else {
            refuse(place, "it is of '\(node.domain)', an extension of the standard")
            return
        }
        // The host computes the head exactly.
        builder.options = options
        if wiring.isHead[place] { builder.options.approximates = false }
        // A Pixel_Shuffle gives whole blocks of channels, which a result of the network cannot be widened to.
        if !wiring.leadsToProduct[place] { builder.options.hasPixelShuffle = false }
        do throws(Refusal) {
            if let tensor = try ConstantFolding(builder: builder, opset: opset).result(of: node) {
                if let name = node.output.first { builder.known[name] = .constant(tensor) }
                return
            }
            if isBlind(node) {
                // What it reads was lost; whether the chips have it can still be said.
                if !Translator.operators.contains(node.opType), !["Shape", "Size"].contains(node.opType) {
                    throw Refusal(Advice.reason(for: node.opType))
                }
                addPlaceholders(node)
                return
            }
            let layers = builder.drafts.count
            try Translator(builder: builder, opset: opset).translate()
            outcomes[place] = outcome(of: node, layers: layers)
        } catch {
            refuse(place, error.reason)
        }
    }

    private func outcome(of node: ONNXNode, layers: Int) -> Outcome {
        for name in node.output {
            guard case .value(let value)? = builder.known[name], value.pending != nil else { continue }
            let isDone =
                builder.isShuffled(value) || builder.results.contains(name) && builder.canReorder(value)
            return isDone ? .joined : .pending
        }
        if let last = builder.drafts.last, builder.drafts.count > layers { return .layers(last.layer) }
        return ImportPass.renaming.contains(node.opType) ? .renamed : .joined
    }

    private func isBlind(_ node: ONNXNode) -> Bool {
        node.input.contains { name in
            guard !name.isEmpty else { return false }
            if case .missing = builder.known[name] ?? .missing { return true }
            return false
        }
    }

    private mutating func refuse(_ place: Int, _ reason: String) {
        let node = wiring.nodes[place]
        outcomes[place] = .refused
        fault(
            ImportBuilder.name(of: node), node.opType, reason, advice: Advice.advice(for: node.opType))
        addPlaceholders(node)
        // What follows a cut to whole numbers computes with such.
        if node.opType == "Cast", ONNXElementType.isWhole(Int32(clamping: node.integer("to", default: 1))),
            let name = node.output.first, case .value(var value)? = builder.known[name]
        {
            value.isWhole = true
            builder.known[name] = .value(value)
        }
    }

    /// What follows can be read all the same where the axes are known.
    private func addPlaceholders(_ node: ONNXNode) {
        let inference = ShapeInference(builder, node, opset: opset)
        for (name, dims) in zip(node.output, inference.results(declared: declared)) where !name.isEmpty {
            builder.known[name] = .missing
            if let dims { builder.addPlaceholder(name, dims, isNonNegative: inference.isNonNegative) }
        }
    }
}

/// What reads the inputs of a file, which says how their axes are meant.
private struct InputReaders {
    private var readers: [String: [ONNXNode]] = [:]
    private static let ofMaps: Set<String> = [
        "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
        "BatchNormalization", "Unsqueeze", "PRelu", "Split",
    ]

    init(_ wiring: GraphWiring, _ places: Set<Int>) {
        for place in places.sorted() {
            for name in wiring.reads[place] {
                readers[name, default: []].append(wiring.nodes[place])
            }
        }
    }

    /// Whether an input of three axes is read as a map of height 1.
    func isMap(_ name: String) -> Bool {
        readers[name, default: []].contains { InputReaders.ofMaps.contains($0.opType) }
    }

    /// Whether the channels of an input are its last axis, as exports of TensorFlow have it: what it does in front of the
    /// Transpose that moves them acts on single numbers.
    func hasChannelsLast(_ input: DeclaredInput) -> Bool {
        guard !isMap(input.name) else { return false }
        switch input.dims.count {
        case 4: return isMoved(input.name, [0, 3, 1, 2]) { _ in true }
        case 3:
            return isMoved(input.name, [0, 2, 1]) { moved in
                self.readers[moved, default: []].contains { InputReaders.ofMaps.contains($0.opType) }
            }
        default: return false
        }
    }

    private static let elementwise: Set<String> = ["Cast", "Add", "Sub", "Mul", "Div", "Identity", "Clip"]

    /// Whether all that reads a name moves its axes so, at once or behind functions of single numbers.
    private func isMoved(_ name: String, _ order: [Int], depth: Int = 0, _ suits: (String) -> Bool) -> Bool {
        let own = readers[name, default: []].filter { !["Shape", "Size"].contains($0.opType) }
        guard !own.isEmpty, depth < 8 else { return false }
        return own.allSatisfy { node in
            guard let output = node.output.first else { return false }
            if node.opType == "Transpose" { return node.integers("perm") == order && suits(output) }
            return InputReaders.elementwise.contains(node.opType)
                && isMoved(output, order, depth: depth + 1, suits)
        }
    }
}
