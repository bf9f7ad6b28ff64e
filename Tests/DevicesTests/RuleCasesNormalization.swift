/// Preprocess and BatchNorm.
extension RuleCase {
    static let normalization = [
        RuleCase("preprocess-first", "Conv2D(image|preprocess)"),
        RuleCase("preprocess-first", "Route(preprocess,image|preprocess,preprocess)"),
        RuleCase(
            "preprocess-first", "input data 3x8x8", "p: Preprocess(image|data)", "Conv2D",
            also: ["unread-input"]),
        RuleCase(
            "preprocess-first", "input data 3x8x8", "p: Preprocess(preprocess|data)", "Conv2D",
            also: ["unread-input"]),
        RuleCase("preprocess-variance", "input data 3x8x8", "p: Preprocess(data) variance=0|-1", "Conv2D"),
        RuleCase("batch-norm-linear", "BatchNorm(preprocess) activation=none|Linear", "Conv2D"),
        RuleCase("batch-norm-linear", "BatchNorm activation=none|ReLU6", "Conv2D"),
        RuleCase("batch-norm-relu", "Conv2D activation=Linear", "BatchNorm activation=ReLU|Linear"),
        RuleCase("batch-norm-relu", "Conv2D activation=Linear", "BatchNorm activation=ReLU6|PReLU"),
        RuleCase("batch-norm-relu", "Conv2D activation=PReLU|ReLU6", "BatchNorm activation=ReLU"),
        RuleCase("batch-norm-negative", "BatchNorm activation=PReLU|ReLU6"),
        RuleCase("batch-norm-negative", "BatchNorm activation=LeakyReLU|ReLU"),
        RuleCase("batch-norm-negative", "BatchNorm activation=Linear|Hswish"),
        RuleCase("batch-norm-negative", "BatchNorm(stem|preprocess) activation=Linear"),
        RuleCase("batch-norm-negative", "Conv2D activation=ReLU6|Linear", "BatchNorm activation=PReLU"),
        RuleCase(
            "batch-norm-negative", "input data 3x8x8", "p: Preprocess(data) mean=0|128",
            "BatchNorm activation=LeakyReLU"),
    ]
}

extension FixReason {
    static let normalization: [String: FixReason] = [
        "preprocess-first": .safe(
            "a Preprocess with the manual's defaults, or the one there is, comes in between"),
        "batch-norm-linear": .safe("Linear is the manual's own word for it"),
        "preprocess-variance": .open("what the loader divides by"),
        "batch-norm-negative": .open("whether the negatives matter"),
        "batch-norm-relu": .open("whether the negatives matter"),
    ]
}
