import Devices
import TestSupport
import Testing
import Workbench

@testable import magikbench

@Suite("The README")
struct ReadmeTests {
    @Test("its first screen is what 'make run' prints")
    func firstScreen() throws {
        let readme = try Fixtures.text("README.md")
        let screen = try screen()
        #expect(readme.contains("```text\n\(screen)\n```"), "found now:\n\(screen)")
    }

    @Test("it names every command")
    func commands() throws {
        let readme = try Fixtures.text("README.md")
        for name in Magikbench.commandNames { #expect(readme.contains("| `\(name)"), "\(name)") }
    }

    /// What the two commands behind 'make run' print, with the line between them.
    private func screen() throws -> String {
        let path = "samples/network-t40.magik"
        let document = try Samples.document(named: "network-t40")
        let show = ShowText(LayerSheet(document.network, on: document.device), name: "network-t40").text
        let reports = Checker.reports(
            on: document.network, for: [document.device], waivers: document.waivers)
        let check = CheckText(document, reports, name: "network-t40", path: path).text
        return show + "\n\n" + check
    }
}
