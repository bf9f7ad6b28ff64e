import Devices
import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct SamplesTests {
    @Test("every sample of the folder is embedded, and nothing else")
    func names() throws {
        let folder = Fixtures.root.appending(path: "samples").resolvingSymlinksInPath()
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(Session.suffix) }.map { String($0.dropLast(Session.suffix.count)) }
        #expect(Samples.names == found.sorted())
        #expect(Samples.names.contains("network-t40"))
    }

    @Test("an embedded sample has the text of its file", arguments: Samples.names)
    func texts(name: String) throws {
        #expect(try Samples.text(named: name) == Fixtures.sampleText(name))
        #expect(try Samples.document(named: name).text == Samples.text(named: name))
    }

    @Test(
        "a sample is told in a line",
        arguments: [
            ("network-t40", "23 layers, 3x32x32, 2937072 parameters, T40"),
            ("sms-text", "5 layers, 32, 53506 parameters, T40"),
            ("persondet", "28 layers, 3x320x416, 867716 parameters, Txx"),
        ])
    func summary(name: String, summary: String) throws {
        #expect(try Samples.document(named: name).summary == summary)
    }

    @Test("a misspelt sample is answered with the nearest one")
    func misspelt() {
        #expect {
            try Samples.document(named: "network-t4O")
        } throws: {
            "\($0)" == "no sample is named 'network-t4O'; did you mean 'network-t40'?"
        }
        #expect {
            try Samples.document(named: "cat\u{1B}")
        } throws: {
            "\($0)" == "no sample is named 'cat\\u{1b}'; 'magikbench samples' lists them"
        }
    }

    @Test("every sample but the broken ones is a network that its chip takes", arguments: Samples.names)
    func accepted(name: String) throws {
        let document = try Samples.document(named: name)
        let report = Checker.reports(on: document.network, for: [document.device], waivers: document.waivers)[
            0]
        #expect(report.accepts != name.hasPrefix("broken-"))
    }
}
