import Devices
import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct SARIFTests {
    private func log(_ name: String, on devices: [Device]) throws -> JSON {
        let document = try Samples.document(named: name)
        let reports = Checker.reports(on: document.network, for: devices, waivers: document.waivers)
        let lines = LayerLines(bytes: document.text.utf8)
        let sarif = SARIF(reports, of: document.network, lines: lines, uri: "\(name).magik/network.json")
        return try JSON(text: sarif.json.pretty)
    }

    @Test("the log has what the standard requires, and every result its rule", arguments: Samples.names)
    func structure(name: String) throws {
        let log = try log(name, on: Device.allCases)
        #expect(log["version"] == "2.1.0")
        #expect(log["$schema"]?.text?.hasSuffix("sarif-schema-2.1.0.json") == true)
        let runs = try #require(log["runs"]?.values)
        #expect(runs.count == 1)
        let driver = try #require(runs[0]["tool"]?["driver"])
        #expect(driver["name"] == "magikbench" && driver["version"] == .string(Magikbench.version))
        let rules = try #require(driver["rules"]?.values)
        let ids = rules.compactMap { $0["id"]?.text }
        #expect(ids.count == rules.count && Set(ids).count == ids.count)
        for rule in rules {
            #expect(rule["shortDescription"]?["text"]?.text?.isEmpty == false)
            #expect(rule["help"]?["text"]?.text?.isEmpty == false)
            #expect(["error", "warning", "note"].contains(rule["defaultConfiguration"]?["level"]?.text))
        }
        for result in try #require(runs[0]["results"]?.values) {
            let index = try #require(result["ruleIndex"]?.count)
            #expect(result["ruleId"]?.text == ids[index])
            #expect(["error", "warning", "note"].contains(result["level"]?.text))
            #expect(result["message"]?["text"]?.text?.isEmpty == false)
            let place = try #require(result["locations"]?.values.first?["physicalLocation"])
            #expect(place["artifactLocation"]?["uri"] == .string("\(name).magik/network.json"))
            #expect((place["region"]?["startLine"]?.count ?? 0) >= 1)
            #expect(
                result["suppressions"] != nil, "all results say whether they are suppressed, or none does")
        }
    }

    @Test("layers are found whatever the file looks like")
    func layerLines() {
        let text = """
            {"note": "\\"layers\\": [{", "inputs": [{"name": "layers"}],
             "layers":
              [ {"name": "a", "x": [1, {"y": []}]}, {"name": "b"},

                {"name": "]}"}
              ], "waivers": [ {"layer": "a"} ]}
            """
        let lines = LayerLines(bytes: text.utf8)
        #expect(lines.lines == [3, 3, 5])
        #expect(lines[1] == 3 && lines[7] == 1)
    }

    @Test(
        "the address of a file is relative where it can be, and has only signs that addresses have",
        arguments: [
            ("net.magik/network.json", "net.magik/network.json"), ("./net/network.json", "net/network.json"),
            ("/home/me/net/network.json", "net/network.json"),
            ("/data/network.json", "file:///data/network.json"),
            ("../net/network.json", "../net/network.json"), ("my net/é#1.json", "my%20net/%C3%A9%231.json"),
            ("a:b.json", "a%3Ab.json"),
        ])
    func address(path: String, expected: String) {
        #expect(SARIF.uri(of: path, in: "/home/me") == expected)
    }
}
