import Devices
import Editing
import Foundation
import Graph
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct ShowTests {
    private func page(_ name: String, on device: Device? = nil, isWide: Bool = false) throws -> String {
        let document = try Samples.document(named: name)
        let layers = LayerTable(document.network, on: device ?? document.device)
        return ShowText(layers, name: name, isWide: isWide).text
    }

    @Test(
        "samples are shown as they always were",
        arguments: ["persondet", "sms-text", "broken-txx"])
    func golden(name: String) throws {
        try expectGolden(try page(name) + "\n", "show-\(name).txt")
    }

    @Test("more columns are shown where they are asked for")
    func wide() throws {
        try expectGolden(try page("network-t40", isWide: true) + "\n", "show-network-t40-wide.txt")
    }

    @Test("long and wide names fit as well")
    func longNames() throws {
        let document = try LongNames.document()
        let text = ShowText(LayerTable(document.network, on: .t40), name: "long").text
        for line in text.split(separator: "\n") { #expect(line.displayWidth <= 80, "\(line)") }
        #expect(text.contains("…"))
    }

    @Test("an empty network has a page")
    func empty() {
        let text = ShowText(LayerTable(Network(), on: .t02), name: "new").text
        #expect(text.hasPrefix("new on T02\n\nno layers yet"))
    }

    @Test("layers that lie on a cycle are named, and those that wait for them counted")
    func cycle() throws {
        let network = try Network(
            inputs: [],
            nodes: [
                Node("a", .max(Max()), inputs: ["b", "b"]), Node("b", .max(Max()), inputs: ["a", "a"]),
                Node("c", .flatten(Flatten()), inputs: ["b"]),
            ])
        let text = ShowText(LayerTable(network, on: .t40), name: "loop").text
        #expect(
            text.contains(
                "3 layers without a shape\n  a: lies on a cycle\n  b: lies on a cycle\n  1 layer below waits")
        )
    }
}
