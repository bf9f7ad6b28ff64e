package import Datasets
import Editing
package import Graph
import Platform
import QAT

/// Measures training from picture files: steps alone, with pictures that an epoch before has left in memory, and with pictures
/// that are decoded.
package struct LoadBenchmark {
    /// Where a step's batch comes from.
    enum Mode: String, CaseIterable {
        /// One batch for all steps.
        case alone
        /// Pictures that are kept in memory.
        case kept
        /// Files, each read once.
        case decoded
    }

    let batch: Int
    let pictures: Int
    /// The medians of steps, in the order of the modes.
    let times: ModeTimes<Mode>
    /// Pictures a second that one thread prepares without training: from files, and from memory.
    let decodedRate: Double
    let keptRate: Double

    /// Height and width of the pictures that are made where none are given, and how many.
    private static let size = (height: 480, width: 640)
    private static let count = 192

    /// Trains quantized steps of a network on pictures that are made for it, in `rounds` rounds of an epoch each.
    package init(_ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try GeneratedPictures.write(
            LoadBenchmark.count, height: LoadBenchmark.size.height, width: LoadBenchmark.size.width,
            into: folder.path)
        try self.init(
            network, on: family, data: DataSpec("images:\(folder.path)"), batch: batch, rounds: rounds)
    }

    /// Trains quantized steps of a network on data of files.
    package init(
        _ network: Network, on family: ArithmeticFamily, data: DataSpec, batch: Int, rounds: Int
    ) throws {
        let analysis = Analysis(network, on: family)
        let steps = try TrainingSteps(analysis, batch: batch, isQuantized: true, arithmetic: .best)
        let normalization = InputNormalization(network)
        func open() throws -> Dataset {
            try Dataset.open(data, shape: steps.inputShape, task: network.task)
        }
        func loader(_ dataset: Dataset) -> Loader {
            Loader(
                dataset, split: .train, batch: batch, shuffled: true, augmented: true, dropsLast: true,
                mean: normalization.mean, variance: normalization.variance)
        }
        let dataset = try open()
        let epoch = loader(dataset).batchesPerEpoch
        guard epoch > 1 else {
            throw BenchmarkError(
                "the data has \(dataset.count(.train)) pictures; two batches need \(2 * batch)")
        }
        let kept = loader(dataset)
        try steps.load(kept, batches: epoch)
        try steps.run(2)
        var times = Mode.allCases.map { _ in [Double]() }
        var rates = (decoded: [Double](), kept: [Double]())
        for _ in 0..<rounds {
            for (index, mode) in Mode.allCases.enumerated() {
                let source: Loader? =
                    switch mode {
                    case .alone: nil
                    case .kept: kept
                    case .decoded: loader(try open())
                    }
                let time = try Stopwatch.once {
                    for _ in 0..<epoch {
                        if let source { try steps.load(source, batches: 1) }
                        try steps.run(1)
                    }
                }
                times[index].append(time / Double(epoch))
            }
            let new = loader(try open())
            let pictures = Double(1000 * epoch * batch)
            rates.decoded.append(pictures / (try Stopwatch.once { try steps.load(new, batches: epoch) }))
            rates.kept.append(pictures / (try Stopwatch.once { try steps.load(kept, batches: epoch) }))
        }
        self.batch = batch
        pictures = dataset.count(.train)
        self.times = ModeTimes(milliseconds: zip(Mode.allCases, times).map { ($0, $1.median) })
        decodedRate = rates.decoded.median
        keptRate = rates.kept.median
    }

    /// What training keeps of the speed that it has without loading.
    private func share(_ mode: Mode) -> Double {
        let alone = times.milliseconds.first { $0.mode == .alone }
        let other = times.milliseconds.first { $0.mode == mode }
        return (alone?.value ?? 0) / (other?.value ?? 1)
    }

    package var json: JSON {
        .object(
            times.members(batch, per: "Step", of: "Images") + [
                .init("pictures", .integer(pictures)),
                .init("decodedShare", .number(share(.decoded))), .init("keptShare", .number(share(.kept))),
                .init("decodedImagesPerSecondAlone", .number(decodedRate)),
                .init("keptImagesPerSecondAlone", .number(keptRate)),
            ])
    }

    package var text: String {
        var lines = times.lines(batch, per: "step", of: "images")
        lines.append("with decoding, training keeps \(Figures.threeDigits(share(.decoded))) of its speed")
        lines.append("with pictures in memory, \(Figures.threeDigits(share(.kept)))")
        lines.append(
            "one thread decodes \(Figures.threeDigits(decodedRate)) pictures/s, and takes \(Figures.threeDigits(keptRate)) from memory"
        )
        return lines.joined(separator: "\n")
    }
}
