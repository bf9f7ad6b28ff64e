public import Datasets
public import Graph

/// Samples as the network gets them, channels last.
public struct CalibrationSamples: Sendable {
    /// How many.
    public let count: Int
    /// The values of each sample, one after the other.
    let values: [Float]
    let elements: Int
    /// Where each lies in its data set; empty where they are of none.
    let places: [SamplePlace]

    /// Samples of so many values each, (x - mean)/variance applied.
    public init(values: [Float], elements: Int) {
        self.init(values: values, elements: elements, places: [])
    }

    private init(values: [Float], elements: Int, places: [SamplePlace]) {
        precondition(elements > 0 && values.count.isMultiple(of: elements), "whole samples")
        self.values = values
        self.elements = elements
        self.places = places
        count = values.count / elements
    }

    /// So many training samples of a data set, drawn by a seed; where it has none, the first that it has. `progress` is told
    /// the share that is read and gives false to stop, upon which `CancellationError` is thrown.
    public init(
        _ data: Dataset, count: Int, for network: Network, seed: UInt64,
        progress: (Double) -> Bool = { _ in true }
    ) throws {
        let split = data.count(.train) > 0 ? Split.train : data.observed
        let wanted = min(count, data.count(split))
        guard wanted > 0 else { throw CalibrationError.data("the data set has no samples") }
        let elements = data.shape.elements
        let (total, overflow) = wanted.multipliedReportingOverflow(by: elements)
        guard !overflow, total <= CalibrationSamples.limit else {
            throw CalibrationError.data(
                "\(wanted) samples of \(elements) values are more than a calibration may hold; take fewer")
        }
        let normalization = InputNormalization(network)
        let loader = Loader(
            data, split: split, batch: 1, seed: seed, shuffled: split == .train, augmented: false,
            dropsLast: false, mean: normalization.mean, variance: normalization.variance)
        var values: [Float] = []
        var places: [SamplePlace] = []
        values.reserveCapacity(total)
        let room = UnsafeMutableBufferPointer<Float>.allocate(capacity: elements)
        defer { room.deallocate() }
        room.initialize(repeating: 0)
        var isStopped = false
        do throws(DatasetError) {
            for index in 0..<wanted where !isStopped {
                isStopped = !progress(Double(index) / Double(wanted))
                guard try loader.next(samples: 1, into: room) == 1 else { break }
                values += room
                places.append(SamplePlace(loader.place(ofSample: 0)))
            }
        } catch {
            throw CalibrationError.data("\(error)")
        }
        if isStopped { throw CancellationError() }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw CalibrationError.data(
                "\(places[place / elements]) holds \(values[place]), which is no number to compute with"
            )
        }
        self.init(values: values, elements: elements, places: places)
    }

    /// The most values that are held: 2 GiB of them.
    private static let limit = 1 << 29

    /// Puts a sample at a place of a batch.
    func copy(_ sample: Int, to target: UnsafeMutableBufferPointer<Float>, at place: Int) {
        let part = UnsafeMutableBufferPointer(
            rebasing: target[place * elements..<(place + 1) * elements])
        _ = part.update(fromContentsOf: values[sample * elements..<(sample + 1) * elements])
    }

    /// The first few of them.
    func prefix(_ count: Int) -> CalibrationSamples {
        let count = min(count, self.count)
        return CalibrationSamples(
            values: Array(values[..<(count * elements)]), elements: elements,
            places: Array(places.prefix(count)))
    }

    /// Samples that are run at once: few where the maps are large.
    func batch(for analysis: Analysis) -> Int {
        let largest = analysis.network.nodes.indices.compactMap { analysis.shapes.output($0)?.elements }.max()
        return max(1, min(count, 32, (1 << 25) / max(1, largest ?? 1)))
    }
}
