import Foundation

/// The sigmoid of a score and what binary cross-entropy asks of it, finite for every finite score.
struct Logistic {
    /// 1 / (1 + exp(-score)).
    let sigmoid: Float
    /// log(1 + exp(score)): the binary cross-entropy against 0.
    let softplus: Float
    private let score: Float

    init(_ score: Float) {
        let small = exp(-abs(score))
        sigmoid = (score >= 0 ? 1 : small) / (1 + small)
        // Of shares below a ten-millionth nothing is lost: `log1p` takes three times as long.
        softplus = max(score, 0) + log(1 + small)
        self.score = score
    }

    /// The binary cross-entropy against a share, 0 ... 1; its slope is the sigmoid less the share.
    func loss(against share: Float) -> Float { softplus - score * share }
}

/// 1 / (1 + exp(-score)).
func sigmoid(_ score: Float) -> Float {
    let small = exp(-abs(score))
    return (score >= 0 ? 1 : small) / (1 + small)
}

/// The score whose sigmoid is a share.
func logit(_ share: Float) -> Float { log(share) - log1p(-share) }
