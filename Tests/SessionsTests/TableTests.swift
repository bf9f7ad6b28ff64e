import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

/// The layer tables of public networks, and their totals, against what is worked out here.
@Suite(.limited)
struct TableTests {
    private func analysis(_ name: String) throws -> Analysis {
        let document = try Samples.document(named: name)
        return Analysis(document.network, on: document.device.family)
    }

    @Test(
        "each layer has the shape, bits, sign and parameters of the table",
        arguments: [
            "network-t40-mnist", "persondet", "facedet", "yolov5s-person",
        ])
    func rows(name: String) throws {
        let analysis = try analysis(name)
        let rows = try Fixtures.table("Tables/\(name).tsv")
        #expect(rows.map { $0["layer"] } == analysis.network.nodes.map(\.name))
        for (index, row) in rows.enumerated() {
            let (node, facts) = (analysis.network.nodes[index], analysis.facts.nodes[index])
            let isFloat = facts.output.isFloat
            let found = [
                "layer": node.name, "operator": node.kind.rawValue,
                "inputs": node.inputs.map(\.description).joined(separator: ","),
                "shape": analysis.shapes.output(index)?.description ?? "none",
                "weightBits": facts.weightBits.map(String.init) ?? "-",
                "outputBits": isFloat ? "float" : "\(facts.output.bits)",
                "sign": isFloat ? "-" : facts.output.isSigned ? "s" : "u",
                "parameters": "\(analysis.cost.nodes[index].parameters)",
            ]
            #expect(found == row)
        }
    }

    @Test(
        "a network has the parameters and multiplications of the table",
        arguments: [
            "network-t40-mnist", "persondet", "facedet", "yolov5s-person", "mobilenetv2-cifar", "network-t40",
        ])
    func totals(name: String) throws {
        let row = try #require(try Fixtures.table("Tables/totals.tsv").first { $0["name"] == name })
        let total = try analysis(name).cost.total
        #expect(row["parameters"] == "\(total.parameters)")
        let expected = try #require(row["MMAC"])
        if expected != "-" { #expect(millions(total.multiplyAccumulates, like: expected) == expected) }
    }

    @Test("the table of totals names no network without a test")
    func complete() throws {
        let names = try Fixtures.table("Tables/totals.tsv").compactMap { $0["name"] }
        #expect(
            Set(names) == [
                "network-t40-mnist", "persondet", "facedet", "yolov5s-person", "mobilenetv2-cifar",
                "network-t40",
            ])
    }

    /// A number in millions, rounded to as many decimals as another text of one has.
    private func millions(_ number: Int, like text: String) -> String {
        let decimals = text.split(separator: ".").last?.count ?? 0
        let unit = (0..<6 - decimals).reduce(1) { unit, _ in unit * 10 }
        let digits = "\((number + unit / 2) / unit)"
        return "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
    }
}
