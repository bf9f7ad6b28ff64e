import Datasets
import Graph

/// Where a run stands, beside its numbers: enough to go on with the same bits.
public struct TrainerState: Hashable, Sendable {
    /// The stage, counted from 0.
    public var stage = 0
    /// Steps done in the stage.
    public var stageStep = 0
    /// Steps done in all.
    public var step = 0
    /// Epochs that are over, over all stages.
    public var epoch = 0
    /// Samples taken from the epoch that runs.
    public var sample = 0
    /// Epochs that were over when the stage began.
    public var stageEpoch = 0
    /// The best accuracy of the stage (without labels, the best SQNR in dB); nil before the first evaluation.
    public var best: Double?
    /// Epochs since then.
    public var epochsSinceBest = 0

    /// How the run's products are computed, by product: what goes on with the run computes them so too. Nil in checkpoints
    /// of versions that had one method.
    public var products: [String: ProductMethod]? = [:]

    /// The beginning.
    public init() {}

    var json: JSON {
        .object(
            [
                .init("stage", .integer(stage)), .init("stageStep", .integer(stageStep)),
                .init("step", .integer(step)), .init("epoch", .integer(epoch)),
                .init("sample", .integer(sample)),
                .init("stageEpoch", .integer(stageEpoch)), .init("best", best.map(JSON.number) ?? .null),
                .init("epochsSinceBest", .integer(epochsSinceBest)),
            ] + (products.map { [.init("products", TrainerState.json(of: $0))] } ?? []))
    }

    /// By method, its products.
    private static func json(of products: [String: ProductMethod]) -> JSON {
        .object(
            ProductMethod.allCases.compactMap { method in
                let names = products.filter { $0.value == method }.keys.sorted()
                return names.isEmpty ? nil : .init(method.rawValue, .array(names.map { .string($0) }))
            })
    }

    private static func products(of json: JSON) -> [String: ProductMethod]? {
        guard case .object(let members) = json else { return nil }
        var found: [String: ProductMethod] = [:]
        for member in members {
            guard let method = ProductMethod(rawValue: member.key), case .array(let names) = member.value
            else { continue }
            for case .string(let name) in names { found[name] = method }
        }
        return found
    }

    init?(_ json: JSON) {
        func number(_ key: String) -> Int? {
            guard case .integer(let value)? = json[key], (0...TrainingLimits.count).contains(value) else {
                return nil
            }
            return value
        }
        guard let stage = number("stage"), let stageStep = number("stageStep"), let step = number("step"),
            let epoch = number("epoch"), let sample = number("sample"),
            let stageEpoch = number("stageEpoch"), let since = number("epochsSinceBest")
        else { return nil }
        self.stage = stage
        self.stageStep = stageStep
        self.step = step
        self.epoch = epoch
        self.sample = sample
        self.stageEpoch = stageEpoch
        epochsSinceBest = since
        products = json["products"].flatMap(TrainerState.products)
        switch json["best"] {
        case .number(let value)?: best = value
        case .integer(let value)?: best = Double(value)
        case .null, .boolean, .string, .array, .object, nil: best = nil
        }
    }
}
