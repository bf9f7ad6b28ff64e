public import Graph

/// Compares a network in integers with the training arithmetic.
public enum IntegerAgreement {
    /// Runs one batch through both and says for each part how many codes differ, and by how many steps.
    ///
    /// `inputs` has for each input of the network its values, batch after batch, channels last, as a loader gives them:
    /// (x - mean) / variance. They are brought to the input's 8 bits first, for both. Batch norm has its running statistics,
    /// as in an evaluation. `padsBothSides` as in `Program.Options`.
    ///
    /// Nil where `isCancelled`, which is asked for each part, became true. Throws `EngineError.memory` with the bytes that it
    /// needs where those are more than `memoryLimit`.
    public static func report(
        _ analysis: Analysis, store: ParameterStore, inputs: [[Float]], batch: Int,
        padsBothSides: Bool = false, arithmetic: Program.Arithmetic = .best, memoryLimit: Int = .max,
        isCancelled: () -> Bool = { false }
    ) throws(EngineError) -> IntegerReport? {
        let network: IntegerNetwork
        do {
            network = try IntegerNetwork(
                analysis, store: store, batch: batch, padsBothSides: padsBothSides, arithmetic: arithmetic,
                memoryLimit: memoryLimit / copies)
        } catch .memory(let bytes) {
            throw .memory(bytes: bytes.multipliedReportingOverflow(by: copies).partialValue)
        }
        for (port, values) in zip(network.program.inputs, inputs) {
            precondition(port.values.count == values.count, "\(values.count) values for \(port.name)")
            _ = port.values.update(fromContentsOf: values)
        }
        return try network.compared(isCancelled)
    }

    /// Each tensor is there as values, as steps, and as the steps that training had.
    private static let copies = 3
}

extension IntegerNetwork {
    /// Compares both on the values that the program's inputs hold; nil where it was cancelled.
    func compared(_ isCancelled: () -> Bool) throws(EngineError) -> IntegerReport? {
        prepare()
        var report = IntegerReport()
        for (port, moved) in zip(program.inputs, try loadInputs()) {
            report.inputs.append(.init(name: port.name, elements: port.values.count, moved: moved))
        }
        if isCancelled() { return nil }
        try program.forward(.evaluation)
        var places = parts()
        // All parts from the training arithmetic's codes, while its values are there.
        for place in places.indices {
            for step in places[place].steps { try runLocally(step) }
            compareLocally(&places[place])
            if isCancelled() { return nil }
        }
        let truths = places.map { Truth($0, self) }
        guard try run(isCancelled) else { return nil }
        for (place, truth) in zip(places.indices, truths) {
            places[place].report.accumulated = truth.difference()
        }
        report.parts = places.map(\.report)
        return report
    }

    /// The kernels of one part of the report.
    private struct Place {
        var report: IntegerReport.Part
        var steps: [Step]
        /// What the part gives out.
        var results: [IntegerValues] = []
        var floatResult: FloatResult?
    }

    /// Groups the kernels: one that only prepares for another, as a frame does, belongs to the part behind it.
    private func parts() -> [Place] {
        var places: [Place] = []
        var waiting: [Step] = []
        for step in steps {
            let name = step.kernel.layer
            let layer = ProbeRun.layer(named: name, in: analysis.network) ?? name
            waiting.append(step)
            let quantizing = step.kernel as? any QuantizingKernel
            let own = program.results[layer] ?? []
            let form = try? step.form.get()
            let outputs = (form?.outputs ?? []) + step.made
            let completes =
                quantizing?.completesOutput
                ?? (own.contains { result in outputs.contains { $0.tensor.storage === result.storage } }
                    || form == nil)
            guard completes else { continue }
            var place = Place(
                report: .init(name: quantizing?.part ?? name, layer: layer), steps: waiting,
                results: form?.outputs ?? step.made, floatResult: form?.floatResult)
            place.report.isFloat = place.floatResult != nil
            for step in waiting {
                guard case .failure(let missing) = step.form else { continue }
                place.report.reason = place.report.reason ?? missing.reason
            }
            waiting = []
            places.append(place)
        }
        return withAliases(places)
    }

    /// Layers without a kernel, whose values are another's in another shape, stand where they are computed.
    private func withAliases(_ places: [Place]) -> [Place] {
        var result: [Place] = []
        var rest = places[...]
        for index in analysis.order.evaluation {
            let name = analysis.network.nodes[index].name
            let own = rest.prefix { $0.report.layer == name }
            rest = rest.dropFirst(own.count)
            result += own
            guard own.isEmpty else { continue }
            var place = Place(report: .init(name: name, layer: name), steps: [])
            for tensor in program.results[name] ?? [] {
                do throws(NoIntegerForm) {
                    place.results.append(try tensors.steps(of: tensor))
                } catch {
                    place.report.reason = error.reason
                }
            }
            result.append(place)
        }
        return result + rest
    }

    private func runLocally(_ step: Step) throws(EngineError) {
        guard case .success(let form) = step.form else { return }
        for input in form.inputs { input.load() }
        try form.runLocally()
    }

    /// Compares what the part's forms have just filled with the training arithmetic's values.
    private func compareLocally(_ place: inout Place) {
        guard place.report.reason == nil else { return }
        let forms = place.steps.compactMap { try? $0.form.get() }
        for form in forms {
            place.report.accumulator =
                form.accumulator.map { $0.joined(with: place.report.accumulator) } ?? place.report.accumulator
        }
        // A layer without a kernel hands on what it reads.
        if forms.isEmpty { for result in place.results { result.load() } }
        var difference = IntegerReport.Difference()
        for result in place.results {
            let found = result.array
            result.load()
            difference.add(
                result.difference(found) { element in
                    forms.compactMap { $0.distanceToBoundary(element, of: result) }.min()
                })
        }
        if let result = place.floatResult {
            let truth = UnsafeBufferPointer(start: result.tensor.values, count: result.count)
            difference.add(result.difference(Array(truth)))
        }
        place.report.local = difference
    }

    /// What the training arithmetic gave, kept while the integer network runs.
    private struct Truth {
        let results: [(values: IntegerValues, steps: [Int32])]
        let float: (result: FloatResult, values: [Float])?

        init(_ place: Place, _ network: IntegerNetwork) {
            results = place.results.map { values in
                values.load()
                return (values, values.array)
            }
            float = place.floatResult.map {
                ($0, Array(UnsafeBufferPointer(start: $0.tensor.values, count: $0.count)))
            }
        }

        func difference() -> IntegerReport.Difference {
            var difference = IntegerReport.Difference()
            for (values, steps) in results { difference.add(values.difference(steps)) }
            if let float { difference.add(float.result.difference(float.values)) }
            return difference
        }
    }
}

extension IntegerValues {
    /// How these steps differ from others, in codes.
    func difference(
        _ others: [Int32], distance: ((Int) -> Double?)? = nil
    ) -> IntegerReport.Difference {
        var difference = IntegerReport.Difference(elements: count)
        if distance != nil { difference.farthestFromBoundary = 0 }
        let steps = array
        for index in 0..<count where steps[index] != others[index] {
            difference.mismatched += 1
            let apart = Int(abs(steps[index] - others[index]))
            difference.largestStep = max(difference.largestStep, (apart + stride - 1) / stride)
            guard let distance else { continue }
            // An unexplained difference is far from every boundary.
            difference.farthestFromBoundary = max(
                difference.farthestFromBoundary ?? 0, distance(index) ?? .infinity)
        }
        return difference
    }
}

extension FloatResult {
    /// How these values differ from others: in units of the sums, or where floats are coarser in 2^-18 of the largest.
    func difference(_ others: [Float]) -> IntegerReport.Difference {
        var difference = IntegerReport.Difference(elements: count)
        let finest = Double(others.map(\.magnitude).max() ?? 0) * 0x1p-18
        for index in 0..<count {
            let unit = max(units[index % units.count].magnitude, finest)
            let apart = abs(Double(values[index]) - Double(others[index]))
            guard apart > 0 else { continue }
            let steps = Int((apart / unit).rounded())
            difference.mismatched += steps > 0 ? 1 : 0
            difference.largestStep = max(difference.largestStep, steps)
        }
        return difference
    }
}
