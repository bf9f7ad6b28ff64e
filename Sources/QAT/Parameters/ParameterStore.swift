import CKernels
import Foundation
public import Graph

/// The numbers that a network has learned: parameters and running statistics.
///
/// A class, because programs keep pointers into it; one thread at a time may use it.
public final class ParameterStore {
    /// What lies where.
    public let layout: ParameterLayout
    let values: UnsafeMutablePointer<Float>
    let running: UnsafeMutablePointer<Float>

    /// Room for a network's numbers: zeros, batch norm at gamma 1 and variance 1, slopes 0.25, clips as set.
    public convenience init(_ analysis: Analysis) { self.init(analysis, ParameterLayout(analysis)) }

    init(_ analysis: Analysis, _ layout: ParameterLayout) {
        self.layout = layout
        values = ParameterStore.zeros(layout.parameterCount)
        running = ParameterStore.zeros(layout.statisticCount)
        for entry in layout.parameters {
            switch entry.role {
            case .parameter(.scale): fill(entry, with: 1)
            case .parameter(.slope): fill(entry, with: 0.25)
            case .logClip: fill(entry, with: layout.setLogClips[entry.layer] ?? 0)
            case .parameter(.weight), .parameter(.bias), .parameter(.shift), .mean, .variance: break
            }
        }
        for entry in layout.statistics where entry.role == .variance {
            for index in 0..<entry.count { running[entry.offset + index] = 1 }
        }
    }

    deinit {
        values.deallocate()
        running.deallocate()
    }

    private static func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
        pointer.initialize(repeating: 0, count: max(1, count))
        return pointer
    }

    private func fill(_ entry: ParameterLayout.Entry, with value: Float) {
        for index in 0..<entry.count { values[entry.offset + index] = value }
    }

    /// The values of a parameter or a running statistic; nil where there is none of that name.
    public subscript(name: String) -> [Float]? {
        if let entry = layout.parameter(name) {
            return Array(UnsafeBufferPointer(start: values + entry.offset, count: entry.count))
        }
        if let entry = layout.statistic(name) {
            return Array(UnsafeBufferPointer(start: running + entry.offset, count: entry.count))
        }
        return nil
    }

    /// Replaces the values of a parameter or a running statistic.
    public func set(_ name: String, to numbers: [Float]) throws(EngineError) {
        let isParameter = layout.parameter(name) != nil
        guard let entry = layout.parameter(name) ?? layout.statistic(name) else {
            throw .parameters("the network has no tensor '\(name)'")
        }
        guard entry.count == numbers.count else {
            throw .parameters("'\(name)' has \(entry.count) values, not \(numbers.count)")
        }
        let target = (isParameter ? values : running) + entry.offset
        for (index, number) in numbers.enumerated() { target[index] = number }
    }

    /// The values of a running statistic.
    func running(_ entry: ParameterLayout.Entry) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: running + entry.offset, count: entry.count)
    }

    /// Replaces the values of a running statistic.
    func setRunning(_ entry: ParameterLayout.Entry, to numbers: [Float]) {
        precondition(numbers.count == entry.count, "a statistic keeps its shape")
        (running + entry.offset).update(from: numbers, count: entry.count)
    }

    /// Takes over all numbers of a store with the same layout, or the running statistics alone.
    func copy(_ other: ParameterStore, statisticsOnly: Bool = false) {
        precondition(layout == other.layout, "a store of another network")
        running.update(from: other.running, count: layout.statisticCount)
        if !statisticsOnly { values.update(from: other.values, count: layout.parameterCount) }
    }

    /// Whether both hold the same running statistics.
    func hasStatistics(of other: ParameterStore) -> Bool {
        memcmp(running, other.running, 4 * layout.statisticCount) == 0
    }

    /// The first tensor that holds a number that is not finite; nil where all are.
    var firstNotFinite: ParameterLayout.Entry? {
        func isBroken(_ numbers: UnsafeMutablePointer<Float>) -> (ParameterLayout.Entry) -> Bool {
            { ck_find_not_finite(numbers + $0.offset, Int64($0.count)) >= 0 }
        }
        return layout.parameters.first(where: isBroken(values))
            ?? layout.statistics.first(where: isBroken(running))
    }

    /// Takes over every tensor of the same name and number of values; gives the names that found none.
    @discardableResult
    public func adopt(_ other: ParameterStore) -> [String] {
        var missed: [String] = []
        for (entries, mine, theirs) in [
            (layout.parameters, values, other.values), (layout.statistics, running, other.running),
        ] {
            for entry in entries {
                let found = other.layout.parameter(entry.name) ?? other.layout.statistic(entry.name)
                guard let found, found.count == entry.count else {
                    missed.append(entry.name)
                    continue
                }
                // A learned clip belongs to the settings that it was learned for.
                if entry.role == .logClip { continue }
                (mine + entry.offset).update(from: theirs + found.offset, count: entry.count)
            }
        }
        return missed
    }
}

extension ParameterStore {
    /// Draws initial weights: uniform to 1 / sqrt(inputs) for products, 0 ... 2 for tables, biases like their weights.
    public func initialize(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for (index, entry) in layout.parameters.enumerated() {
            switch entry.role {
            case .parameter(.weight):
                let isTable = entry.shape.count == 2 && isEmbedding(entry)
                let bound = 1 / Float(max(1, entry.shape.dropFirst().reduce(1, *))).squareRoot()
                for place in 0..<entry.count {
                    let uniform = random.nextUniform()
                    values[entry.offset + place] = isTable ? 2 * uniform : (2 * uniform - 1) * bound
                }
            case .parameter(.bias):
                let weight = layout.parameters[..<index].last { $0.layer == entry.layer && $0.isWeight }
                let inputs = weight?.shape.dropFirst().reduce(1, *) ?? 1
                let bound = 1 / Float(max(1, inputs)).squareRoot()
                for place in 0..<entry.count {
                    values[entry.offset + place] = (2 * random.nextUniform() - 1) * bound
                }
            case .parameter(.scale), .parameter(.shift), .parameter(.slope), .logClip, .mean, .variance: break
            }
        }
    }

    private func isEmbedding(_ entry: ParameterLayout.Entry) -> Bool {
        layout.tables.contains(entry.layer)
    }
}

extension ParameterLayout.Entry {
    var isWeight: Bool { role == .parameter(.weight) }

    /// Whether weight decay acts on it: on weights alone, not on biases, batch norm, slopes and clips.
    public var decays: Bool { isWeight }
}

/// A small generator whose numbers are the same on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    /// All of its state.
    public var state: UInt64

    /// A generator that a seed starts.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number from 0 to below 1.
    mutating func nextUniform() -> Float { Float(next() >> 40) * 0x1p-24 }
}
