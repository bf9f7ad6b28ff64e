import Datasets
import Graph

/// One batch for every input of a network, kept until another is requested.
final class ProbeBatch {
    /// What decides the values.
    struct Key: Hashable {
        var inputs: [Place]
        var data: String?
        var seed: UInt64
        var samples: Int
        /// What the network is for, which decides how pictures are fitted.
        var task: NetworkTask
    }

    /// An input as far as its values depend on it.
    struct Place: Hashable {
        var name: String
        var shape: Shape
        /// Whether anything that is computed reads it.
        var isRead: Bool
        /// The number of indices of the smallest table that it is looked up in.
        var tokens: Int?
        var mean: Double
        var variance: Double

        var normalization: InputNormalization { InputNormalization(mean: mean, variance: variance) }
    }

    let key: Key
    /// The samples of a batch: as many as asked for, or all that the data set has.
    let samples: Int
    /// What each input gets.
    let feeds: [ProbedInput]
    /// For each input, the values of the batch, channels last.
    private(set) var values: [[Float]]
    private let opened: (data: Dataset, input: Int)?
    private var loader: Loader?
    private var generators: [SplitMix64]

    var bytes: Int { values.reduce(0) { $0 + 4 * $1.count } }

    /// The most values of a sample that is drawn as a picture; larger ones are uniform.
    private static let drawnLimit = 1 << 22

    /// Reads or draws the first batch; the data set goes to the first input that it fits.
    init(_ key: Key) throws(ProbeFailure) {
        self.key = key
        let opened = try ProbeBatch.open(key)
        let samples = min(key.samples, max(1, opened.map { $0.data.count($0.data.observed) } ?? key.samples))
        self.opened = opened
        self.samples = samples
        feeds = key.inputs.enumerated().map { index, place in
            let content: ProbedInput.Content =
                if let opened, opened.input == index {
                    .data(opened.data.spec.description)
                } else if !place.isRead {
                    .unread
                } else if let tokens = place.tokens {
                    .tokens(below: tokens)
                } else {
                    .uniform
                }
            return ProbedInput(input: place.name, content: content)
        }
        values = key.inputs.map { [Float](repeating: 0, count: samples * $0.shape.elements) }
        generators = []
        try restart()
    }

    /// How many whole batches there are, at most as many as asked for.
    func batches(_ wanted: Int) -> Int {
        guard let opened else { return max(1, wanted) }
        return max(1, min(wanted, opened.data.count(opened.data.observed) / samples))
    }

    /// Goes back to the first batch.
    func restart() throws(ProbeFailure) {
        generators = key.inputs.indices.map { SplitMix64(seed: key.seed &+ UInt64($0)) }
        loader = opened.map {
            $0.data.observing(samples: samples, key.inputs[$0.input].normalization)
        }
        try next()
    }

    /// Reads or draws the next batch.
    func next() throws(ProbeFailure) {
        for (index, place) in key.inputs.enumerated() {
            let count = values[index].count
            switch feeds[index].content {
            case .data: try read(into: index)
            case .unread: break
            case .tokens(let tokens):
                for element in 0..<count {
                    values[index][element] =
                        (generators[index].nextUniform() * Float(tokens)).rounded(.down)
                }
            case .uniform:
                for element in 0..<count {
                    let byte = Double(generators[index].next() >> 56)
                    values[index][element] = Float((byte - place.mean) / place.variance)
                }
            }
        }
    }

    /// An error about a sample of the batch, which names it as the data set does.
    func naming(_ error: EngineError) -> EngineError {
        error.naming { number in loader.map { SamplePlace($0.place(ofSample: number)) } }
    }

    private func read(into index: Int) throws(ProbeFailure) {
        guard let loader else { return }
        var refusal: DatasetError?
        values[index].withUnsafeMutableBufferPointer { buffer in
            do throws(DatasetError) {
                _ = try loader.next(samples: samples, into: buffer)
            } catch {
                refusal = error
            }
        }
        if let refusal { throw .data("\(refusal)") }
    }

    /// The data set and the input that it fits. A generated one may fit none; one that a person named must fit.
    private static func open(_ key: Key) throws(ProbeFailure) -> (data: Dataset, input: Int)? {
        var refusal: DatasetError?
        for (index, place) in key.inputs.enumerated() where place.isRead {
            if key.data == nil && (place.tokens != nil || place.shape.elements > drawnLimit) { continue }
            do throws(DatasetError) {
                let spec =
                    try key.data.map { (text) throws(DatasetError) in try DataSpec(text) }
                    ?? .generated(for: place.shape)
                return (
                    try Dataset.open(
                        spec, shape: place.shape, task: key.task, readsLabels: false, seed: key.seed), index
                )
            } catch {
                refusal = refusal ?? error
            }
        }
        guard key.data != nil, let refusal else { return nil }
        throw .data("\(refusal)")
    }
}

extension ProbeBatch.Key {
    /// What a request asks for, as far as the computed layers read it.
    init(_ request: ProbeRequest, _ plan: ProbePlan) {
        let network = plan.analysis.network
        let present = plan.present
        let whole = InputNormalization(network)
        inputs = network.inputs.map { input in
            // Layers that hand values on as they are stand between an input and a table.
            var carriers: Set<String> = [input.name]
            var place = ProbeBatch.Place(
                name: input.name, shape: input.shape, isRead: false, tokens: nil, mean: whole.mean,
                variance: whole.variance)
            for index in present {
                let node = network.nodes[index]
                guard node.inputs.contains(where: { carriers.contains($0.name) }) else { continue }
                place.isRead = true
                if case .embedding(let settings) = node.layer {
                    place.tokens = min(place.tokens ?? .max, settings.vocabularySize)
                } else if case .preprocess(let settings) = node.layer {
                    if node.inputs.first?.name == input.name {
                        place.mean = settings.mean
                        place.variance = settings.variance
                    }
                    carriers.insert(node.name)
                } else if node.kind == .flatten {
                    carriers.insert(node.name)
                }
            }
            // A Preprocess that divides by nothing is not computed, and counts for no input.
            if place.variance == 0 || !place.variance.isFinite { place.variance = 255 }
            return place
        }
        data = request.data
        seed = request.seed
        samples = plan.samples
        task = network.task
    }
}
