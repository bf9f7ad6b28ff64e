import COneDNN
import Graph

/// Measures methods of one direction of a product on memory of its own.
///
/// What counts is the time that the calling thread computes, in the best of several rounds: other programs take turns on a
/// busy machine, and a thread that waits for its turn does not compute.
struct ProductStopwatch {
    let direction: ProductDirection

    /// Rounds in which every method runs once, after one that does not count.
    private static let rounds = 8
    /// So many milliseconds are enough, where there were some rounds.
    private static let enough = 40.0
    /// Tensors are at most so large; those of larger batches are measured on fewer samples.
    private static let mostBytes = 64 << 20
    /// A method whose copies are larger is not used: training has no room for them.
    private static let mostRoom = 64 << 20

    private struct Runner {
        let method: ProductMethod
        let pass: any ProductPass
        let arena: Arena
        var best = Double.infinity
    }

    /// The least milliseconds of each method; infinity where this machine lacks it.
    func times(of methods: [ProductMethod]) throws(EngineError) -> ProductTimings.Times {
        let measured = smaller
        let share = Double(direction.shape.batch) / Double(measured.shape.batch)
        let sizes = measured.sizes
        let source = Buffer(floats: sizes.source)
        let destination = Buffer(floats: sizes.destination)
        let plain = Buffer(floats: sizes.weights)
        let tensors = [source, destination, plain]
        let shared = try Arena(tensors, kernels: 0)
        defer { withExtendedLifetime(shared) {} }
        var random = SplitMix64(seed: 1)
        for tensor in tensors {
            for index in 0..<tensor.bytes / 4 {
                tensor.floats[index] = Float(random.next() >> 40) / Float(1 << 24) - 0.5
            }
        }
        var runners: [Runner] = []
        var found: ProductTimings.Times = [:]
        for method in methods {
            found[method] = .infinity
            guard try room(of: method) <= ProductStopwatch.mostRoom else { continue }
            var rooms: [Buffer] = []
            let pass = try measured.pass(method) { bytes in
                let buffer = Buffer(bytes: bytes)
                buffer.isNeeded(.always)
                rooms.append(buffer)
                return buffer
            }
            guard let pass else { continue }
            let arena = try Arena(rooms, kernels: 0)
            try pass.bind(source: source.address, destination: destination.address, plain: plain.address)
            try pass.run()
            runners.append(Runner(method: method, pass: pass, arena: arena))
        }
        let start = Engine.computedMilliseconds
        for round in 0..<ProductStopwatch.rounds {
            if round > 2, Engine.computedMilliseconds - start > ProductStopwatch.enough { break }
            for index in runners.indices {
                let begin = Engine.computedMilliseconds
                try runners[index].pass.run()
                runners[index].best = min(runners[index].best, Engine.computedMilliseconds - begin)
            }
        }
        for runner in runners { found[runner.method] = runner.best * share }
        return found
    }

    /// The bytes beside the tensors that a method takes; none where the machine lacks it.
    private func room(of method: ProductMethod) throws(EngineError) -> Int {
        var bytes = 0
        _ = try direction.pass(method) {
            bytes += $0
            return Buffer(bytes: $0)
        }
        return method == .direct ? 0 : bytes
    }

    /// The same product of as many samples as are measured.
    private var smaller: ProductDirection {
        let sizes = direction.sizes
        let bytes = 4 * (sizes.source + sizes.destination)
        var shape = direction.shape
        let fitting = Int(shape.batch) * ProductStopwatch.mostBytes / max(1, bytes)
        shape.batch = Int64(min(Int(shape.batch), max(1, fitting)))
        return ProductDirection(
            direction: direction.direction, shape: shape, layer: direction.layer, library: direction.library,
            factors: direction.factors)
    }
}

extension Buffer {
    fileprivate convenience init(floats count: Int) {
        self.init(bytes: 4 * count)
        isNeeded(.always)
    }
}
