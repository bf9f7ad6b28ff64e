import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// The JSON forms that scripts rely on.
@Suite("JSON of show and check", .limited(minutes: 30))
struct ContractTests {
    @Test("show has the keys of the contract in every layer", arguments: Samples.names)
    func show(sample: String) throws {
        let document = try Samples.document(named: sample)
        let json = try JSON(text: LayerTable(document.network, on: document.device).json.pretty)
        #expect(keys(json).starts(with: ["device", "parameters", "macs", "layers"]))
        guard case .array(let layers)? = json["layers"] else {
            Issue.record("layers is no list")
            return
        }
        #expect(layers.count == document.network.nodes.count)
        for layer in layers {
            let expected: Set = [
                "name", "operator", "inputs", "shape", "weightBits", "outputBits", "signed", "clip",
                "quantize",
                "parameters", "macs", "weightBytes", "featureBytes",
            ]
            #expect(expected.isSubset(of: keys(layer)), "\(keys(layer))")
        }
    }

    @Test("show gives numbers, null for what does not apply, and 32 for a float result")
    func values() throws {
        let document = try Samples.document(named: "network-t40")
        let json = LayerTable(document.network, on: .t40).json
        guard case .array(let layers)? = json["layers"] else { throw FixtureMissing() }
        let byName = Dictionary(uniqueKeysWithValues: layers.map { ($0["name"], $0) })
        #expect(json["parameters"] == 2_937_072)
        #expect(byName["conv0"]?["operator"] == "Conv2D")
        #expect(byName["conv0"]?["shape"] == [32, 32, 32])
        #expect(byName["conv0"]?["weightBits"] == 8)
        #expect(byName["conv0"]?["clip"] == .number(6))
        #expect(byName["conv0"]?["signed"] == false)
        #expect(byName["route"]?["weightBits"] == .null)
        #expect(byName["route"]?["clip"] == .null)
        #expect(byName["route"]?["inputs"] == ["maxpool", "conv1"])
        #expect(byName["fc2"]?["outputBits"] == 32)
    }

    @Test("check has the keys of the contract in every finding", arguments: ["broken-t02", "broken-txx"])
    func check(sample: String) throws {
        let document = try Samples.document(named: sample)
        let reports = Checker.reports(on: document.network, for: [document.device])
        let json = try JSON(text: CheckJSON.document(reports, of: document.network, name: sample).pretty)
        #expect(json["network"] == .string(sample))
        guard case .array(let devices)? = json["devices"], case .array(let findings)? = devices[0]["findings"]
        else { throw FixtureMissing() }
        #expect(devices[0]["errors"] == .integer(reports[0].count(.error)))
        #expect(devices[0]["warnings"] == .integer(reports[0].count(.warning)))
        #expect(findings.count == reports[0].findings.count)
        for finding in findings {
            let expected: Set = [
                "rule", "severity", "layer", "message", "actual", "citation", "source", "fix", "waived",
            ]
            #expect(expected.isSubset(of: keys(finding)))
            #expect(["manual", "kit", "venus", "structure"].contains(finding["source"]))
        }
    }

    private func keys(_ json: JSON) -> [String] {
        guard case .object(let members) = json else { return [] }
        return members.map(\.key)
    }
}

/// The JSON is not of the form that the test takes apart.
private struct FixtureMissing: Error {}
