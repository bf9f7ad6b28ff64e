public import Graph

// A plan as the run store keeps it, so that a run can be gone on with by its name alone.
extension TrainingPlan {
    /// The plan as a JSON object.
    public var json: JSON {
        .object([
            .init("stages", .array(stages.map(\.json))), .init("data", .string(data)),
            .init("batch", .integer(batch)), .init("schedule", .string(schedule.rawValue)),
            .init("warmup", .integer(warmup)), .init("weightDecay", .number(weightDecay)),
            .init("gradientNorm", gradientNorm.map(JSON.number) ?? .null),
            .init("seed", .integer(Int(bitPattern: UInt(seed)))), .init("loss", .string(loss.rawValue)),
            .init("arithmetic", .string(arithmetic.rawValue)),
            .init("patience", patience.map(JSON.integer) ?? .null),
            .init("stepLimit", stepLimit.map(JSON.integer) ?? .null),
            .init("freezeAfter", .number(freezeAfter)),
            .init("average", average.map(JSON.number) ?? .null),
            .init("frozen", .array(frozen.map { .string($0.text) })),
            .init("rates", .array(rates.map(\.json))), .init("accumulate", .integer(accumulate)),
            .init("labelSmoothing", .number(labelSmoothing)), .init("memory", .string(memory.rawValue)),
            .init("gradients", .string(gradients.rawValue)),
            .init("deterministic", .boolean(isDeterministic)),
            .init("initialWeights", .string(initialWeights.rawValue)),
            .init("beginsWithWeights", .boolean(beginsWithWeights)),
        ])
    }

    /// The plan of a JSON object that `json` made; nil where it is none.
    public init?(json: JSON) {
        guard case .array(let list)? = json["stages"], let data = json.text(of: "data"),
            let batch = json.whole(of: "batch"),
            let schedule = json.text(of: "schedule").flatMap(Schedule.init),
            let warmup = json.whole(of: "warmup"), let decay = json.real(of: "weightDecay"),
            let seed = json.whole(of: "seed"), let loss = json.text(of: "loss").flatMap(Loss.init),
            let arithmetic = json.text(of: "arithmetic").flatMap(Program.Arithmetic.init),
            let freeze = json.real(of: "freezeAfter")
        else { return nil }
        let stages = list.compactMap(Stage.init)
        guard stages.count == list.count, stages.count <= TrainingLimits.stages,
            (1...TrainingLimits.batch).contains(batch), (0...TrainingLimits.count).contains(warmup),
            json.whole(of: "patience") ?? 1 <= TrainingLimits.epochs,
            (0...TrainingLimits.count).contains(json.whole(of: "stepLimit") ?? 0)
        else { return nil }
        self.init(stages: stages, data: data)
        self.batch = batch
        self.schedule = schedule
        self.warmup = warmup
        weightDecay = decay
        self.seed = UInt64(UInt(bitPattern: seed))
        self.loss = loss
        self.arithmetic = arithmetic
        gradientNorm = json.real(of: "gradientNorm")
        patience = json.whole(of: "patience")
        stepLimit = json.whole(of: "stepLimit")
        freezeAfter = freeze
        // Plans of earlier versions lack what follows.
        average = json.real(of: "average")
        if case .array(let patterns)? = json["frozen"] {
            frozen = patterns.compactMap { pattern in
                if case .string(let text) = pattern { TensorPattern(text) } else { nil }
            }
            guard frozen.count == patterns.count else { return nil }
        }
        if case .array(let list)? = json["rates"] {
            rates = list.compactMap(TensorRate.init)
            guard rates.count == list.count else { return nil }
        }
        accumulate = json.whole(of: "accumulate") ?? 1
        labelSmoothing = json.real(of: "labelSmoothing") ?? 0
        if let text = json.text(of: "memory") {
            guard let memory = Program.Memory(rawValue: text) else { return nil }
            self.memory = memory
        }
        if let text = json.text(of: "initialWeights") {
            guard let weights = InitialWeights(rawValue: text) else { return nil }
            initialWeights = weights
        }
        gradients = json.text(of: "gradients").flatMap(GradientArithmetic.init) ?? .float
        isDeterministic = json["deterministic"] == .boolean(true)
        beginsWithWeights = json["beginsWithWeights"] == .boolean(true)
        guard (1...TrainingLimits.batch).contains(accumulate), (0..<1).contains(labelSmoothing),
            (0..<1).contains(average ?? 0)
        else { return nil }
    }
}

extension TrainingPlan.Stage {
    fileprivate var json: JSON {
        .object([
            .init("bits", bits.map(JSON.integer) ?? .null), .init("epochs", .integer(epochs)),
            .init("optimizer", optimizer.json), .init("learningRate", .number(learningRate)),
        ])
    }

    fileprivate init?(_ json: JSON) {
        guard let epochs = json.whole(of: "epochs"), let rate = json.real(of: "learningRate"),
            let optimizer = json["optimizer"].flatMap(OptimizerRule.init)
        else { return nil }
        guard (0...TrainingLimits.epochs).contains(epochs),
            TrainingPlan.Stage.widths.contains(json.whole(of: "bits") ?? Quantization.float)
        else { return nil }
        self.init(bits: json.whole(of: "bits"), epochs: epochs, optimizer: optimizer, learningRate: rate)
    }
}

extension TensorRate {
    fileprivate var json: JSON {
        ["tensors": .string(pattern.text), "factor": .number(factor)]
    }

    fileprivate init?(_ json: JSON) {
        guard let text = json.text(of: "tensors"), let factor = json.real(of: "factor"), factor > 0 else {
            return nil
        }
        self.init(TensorPattern(text), factor: factor)
    }
}

extension OptimizerRule {
    fileprivate var json: JSON {
        switch self {
        case .sgd(let momentum, let nesterov):
            .object([
                .init("rule", "sgd"), .init("momentum", .number(momentum)),
                .init("nesterov", .boolean(nesterov)),
            ])
        case .adam(let beta1, let beta2, let epsilon, let decoupled):
            .object([
                .init("rule", "adam"), .init("beta1", .number(beta1)), .init("beta2", .number(beta2)),
                .init("epsilon", .number(epsilon)), .init("decoupled", .boolean(decoupled)),
            ])
        }
    }

    fileprivate init?(_ json: JSON) {
        func flag(_ key: String) -> Bool { json[key] == .boolean(true) }
        switch json.text(of: "rule") {
        case "sgd"?:
            guard let momentum = json.real(of: "momentum") else { return nil }
            self = .sgd(momentum: momentum, nesterov: flag("nesterov"))
        case "adam"?:
            guard let beta1 = json.real(of: "beta1"), let beta2 = json.real(of: "beta2"),
                let epsilon = json.real(of: "epsilon")
            else { return nil }
            self = .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decoupled: flag("decoupled"))
        default: return nil
        }
    }
}
