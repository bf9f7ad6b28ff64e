import Devices
package import Editing
import Graph

/// A promise that a document broke.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What holds for every document that was read, whatever network is in it.
package struct DocumentPromises {
    package let document: Document
    private var network: Network { document.network }

    package init(_ document: Document) { self.document = document }

    /// Works out everything that follows from the document, then changes it; throws where things do not fit together.
    package func check(_ random: inout SeededGenerator) throws {
        try checkText()
        let npu = Analysis(network, on: .npu)
        try checkOrder(npu.order)
        for analysis in [npu, npu.on(.simd)] {
            try checkShapes(analysis)
            try checkFacts(analysis)
            try checkCost(analysis.cost)
        }
        let fixed = try taking(adviceOf: try checkFindings(), &random)
        try DocumentPromises(fixed).checkEdits(&random)
    }

    private func promise(_ holds: Bool, _ words: @autoclosure () -> String) throws {
        if !holds { throw BrokenPromise(words()) }
    }

    private func checkText() throws {
        let text = document.text
        do {
            let again = try Document(bytes: text.utf8)
            try promise(again == document, "the document reads back as another one:\n\(text.prefix(2000))")
            try promise(again.text == text, "the text changes when it is read and written")
        } catch let error as FileError {
            throw BrokenPromise("the document's own text is refused: \(error)\n\(text.prefix(2000))")
        }
    }

    private func checkOrder(_ order: NetworkOrder) throws {
        let all = (order.evaluation + order.cyclic + order.blocked).sorted()
        try promise(
            all == Array(network.nodes.indices),
            "evaluation, cycles and blocked layers are not all layers once")
        var isDone = [Bool](repeating: false, count: network.nodes.count)
        for index in order.evaluation {
            let isReady = order.producers[index].allSatisfy { $0.map { isDone[$0] } ?? true }
            try promise(isReady, "'\(network.nodes[index].name)' is evaluated before what it reads")
            isDone[index] = true
        }
        for index in order.cyclic {
            try promise(reaches(index, from: index, order), "'\(network.nodes[index].name)' lies on no cycle")
        }
        let cyclic = Set(order.cyclic)
        for index in order.blocked {
            let isBlocked =
                !reaches(index, from: index, order) && cyclic.contains { reaches(index, from: $0, order) }
            try promise(isBlocked, "'\(network.nodes[index].name)' is behind no cycle")
        }
    }

    /// Whether following readers from one layer leads to another.
    private func reaches(_ goal: Int, from start: Int, _ order: NetworkOrder) -> Bool {
        var seen: Set<Int> = []
        var open = order.readers[start]
        while let index = open.popLast() {
            if index == goal { return true }
            if seen.insert(index).inserted { open += order.readers[index] }
        }
        return false
    }

    private func checkShapes(_ analysis: Analysis) throws {
        for (index, node) in network.nodes.enumerated() {
            try promise(
                analysis.shapes.inputs[index].count == node.inputs.count, "'\(node.name)' has a shape a wire")
            guard case .success(let shapes) = analysis.shapes.outputs[index] else { continue }
            try promise(!shapes.isEmpty, "'\(node.name)' gives nothing")
            for shape in shapes {
                let isSound = shape.dimensions.allSatisfy { $0 > 0 } && shape.elements <= Shape.elementLimit
                try promise(isSound, "'\(node.name)' gives the shape \(shape)")
            }
        }
    }

    private func checkFacts(_ analysis: Analysis) throws {
        for index in analysis.order.evaluation {
            let (node, facts) = (network.nodes[index], analysis.facts.nodes[index])
            try promise(facts.inputs.count == node.inputs.count, "'\(node.name)' has a signal a wire")
            try promise(
                facts.isLast == network.readers(of: node.name).isEmpty, "'\(node.name)' is last or is read")
            let widths = Quantization.featureBits
            try promise(widths.contains(facts.output.bits), "'\(node.name)' gives \(facts.output.bits) bits")
            try promise(
                (facts.weightBits != nil) == node.kind.hasWeightBits, "'\(node.name)' has weight bits or none"
            )
        }
    }

    private func checkCost(_ cost: NetworkCost) throws {
        for (node, own) in zip(network.nodes, cost.nodes) {
            let numbers = [
                own.parameters, own.multiplyAccumulates, own.weightBytes, own.featureBytes, own.paddingBytes,
            ]
            try promise(numbers.allSatisfy { $0 >= 0 }, "'\(node.name)' costs less than nothing: \(own)")
            try promise(own.parameters <= cost.total.parameters, "'\(node.name)' costs more than the network")
        }
    }

    private func checkFindings() throws -> [Finding] {
        let reports = Checker.reports(on: network, for: Device.allCases, waivers: document.waivers)
        try promise(reports.map(\.device) == Device.allCases, "there is a report for each chip")
        for report in reports {
            for finding in report.findings {
                try promise(Rule.named(finding.rule) != nil, "no rule is named '\(finding.rule)'")
                try promise(
                    finding.layer.map { network[$0] != nil } ?? true, "'\(finding.layer ?? "")' is no layer")
                for text in [
                    finding.message, finding.actual, finding.citation, finding.proposal?.title ?? "no fix",
                ] {
                    let isLine = !text.isEmpty && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
                    try promise(isLine, "\(finding.rule) says \(text.debugDescription)")
                }
            }
        }
        return reports.flatMap(\.findings)
    }

    /// The document once the advice of one finding is taken. A fix asks every rule twice, so one is enough.
    private func taking(adviceOf findings: [Finding], _ random: inout SeededGenerator) throws -> Document {
        let proposing = findings.filter { $0.proposal != nil }
        guard !proposing.isEmpty, let fix = Checker.fix(for: random.pick(proposing), in: network) else {
            return document
        }
        try promise(!fix.title.isEmpty && !network.title(of: fix.edit).isEmpty, "\(fix.edit) has no title")
        var fixed = document
        try fixed.apply(fix.edit)
        return fixed
    }
}

extension DocumentPromises {
    /// Makes a few changes and checks that what comes of them can be saved and read.
    func checkEdits(_ random: inout SeededGenerator) throws {
        var edited = document
        for _ in 0..<3 {
            guard !edited.network.nodes.isEmpty else { break }
            let layer = random.pick(edited.network.nodes.map(\.name))
            let edit = edit(of: layer, in: edited.network, &random)
            try promise(!edited.network.title(of: edit).isEmpty, "an edit has no title")
            let before = edited
            do throws(EditError) {
                try edited.apply(edit)
            } catch {
                try promise(edited == before, "\(edit) is refused (\(error)) and changes something")
            }
        }
        try DocumentPromises(edited).checkText()
        try DocumentPromises(edited).checkOrder(NetworkOrder(edited.network))
    }

    private func edit(of layer: String, in network: Network, _ random: inout SeededGenerator) -> Edit {
        let names = network.names
        switch random.below(8) {
        case 0: return .rename(layer, to: random.pick(NastyValues.texts))
        case 1: return .rename(random.pick(names), to: network.freeName(layer))
        case 2: return .remove(layer: layer)
        case 3: return .move(layer: layer, to: random.below(network.nodes.count + 1))
        case 4: return .annotate(layer: layer, note: random.pick(NastyValues.texts))
        case 5:
            let kind = random.pick(OperatorKind.allCases)
            let node = Node(network.freeName("new"), kind.defaultLayer, inputs: [Source(random.pick(names))])
            return .all(
                "two changes", [.insert(node, at: 0), .rewire(layer: layer, inputs: [Source(node.name)])])
        case 6:
            let axes = [random.pick(NastyValues.integers), random.pick(NastyValues.integers)]
            return .reshapeInput(random.pick(names), to: Shape(dimensions: axes) ?? .vector(1))
        default:
            let fields = network[layer]?.kind.fields.map(\.name) ?? []
            return .set(
                layer: layer, field: random.pick(fields + ["nothing"]),
                to: .integer(random.pick(NastyValues.integers)))
        }
    }
}
