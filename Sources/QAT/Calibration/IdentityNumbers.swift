import Graph

/// The numbers of layers that change nothing.
extension CalibratableNetwork {
    /// Batch norm that changes nothing.
    mutating func setIdentity(_ name: String, channels: Int, weight layer: Layer? = nil) {
        setIdentity(prefix: "\(name).", channels: channels)
        if let layer { numbers["\(name).weight"] = CalibratableNetwork.identity(channels, layer) }
        if layer?.settings.activation == .prelu {
            numbers["\(name).slope"] = [Float](repeating: 0.25, count: channels)
        }
    }

    /// The same for a batch norm whose numbers begin with `prefix`.
    mutating func setIdentity(prefix: String, channels: Int) {
        numbers[prefix + "gamma"] = [Float](repeating: 1, count: channels)
        numbers[prefix + "beta"] = [Float](repeating: 0, count: channels)
        numbers[prefix + "runningMean"] = [Float](repeating: 0, count: channels)
        numbers[prefix + "runningVariance"] = [Float](repeating: 1 - BatchNorm.epsilon, count: channels)
    }

    /// Weights that hand on what they read.
    static func identity(_ channels: Int, _ layer: Layer) -> [Float] {
        guard layer.kind == .fullConnected else { return [Float](repeating: 1, count: channels) }
        return (0..<channels * channels).map { $0.isMultiple(of: channels + 1) ? 1 : 0 }
    }
}
