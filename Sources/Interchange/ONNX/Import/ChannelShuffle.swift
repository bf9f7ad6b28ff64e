import Graph

// Layers that put channels in another order, where no reader takes the order into its numbers.
extension ImportBuilder {
    /// The channels in another order: channel i of the result is `order[i]`. No chip does it but by a 1x1 convolution.
    func permuted(_ value: Value, _ order: [Int]) throws(Refusal) -> Value {
        let map = try map(value)
        guard case .map(let channels, let height, let width) = map.shape, channels <= 4096,
            order.count <= 4096
        else { throw Refusal("it shuffles what is no feature map, or too many channels") }
        if order == Array(0..<channels) { return value }
        try spend(channels * order.count)
        var weight = [Float](repeating: 0, count: channels * order.count)
        for (row, column) in order.enumerated() { weight[row * channels + column] = 1 }
        note(
            "the shuffle of \(channels) channels became a 1x1 convolution, \(channels * order.count) weights; a Channel_Split into two halves needs none"
        )
        var result = try convolve(
            map, Kernel(weight: ONNXTensor(weight, dims: [order.count, channels, 1, 1])),
            WindowAxis(size: height, kernel: 1), WindowAxis(size: width, kernel: 1))
        result.takeBounds(of: [value])
        result.dims = value.dims
        result.dims[1] = order.count
        return result
    }

    /// Channels moved to space: those of the value in an order such that Pixel_Shuffle does the rest.
    func shuffled(
        _ base: Value, _ order: [Int], factor: Int, dims: [Int]
    ) throws(Refusal) -> Value {
        var shuffle = PixelShuffle()
        shuffle.factor = factor
        var ordered = base
        if order != Array(0..<base.shape.channels) {
            if order.sorted() == Array(0..<base.shape.channels), reorder(base, order) {
                note("the order of the \(order.count) channels that move to space lies in the weights before")
            } else {
                ordered = try permuted(base, order)
            }
        }
        var result = try add(.pixelShuffle(shuffle), reading: ordered, dims: dims)
        result.takeBounds(of: [base])
        return result
    }
}
