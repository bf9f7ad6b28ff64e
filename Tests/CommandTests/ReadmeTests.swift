import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("The README", .limited(minutes: 30))
struct ReadmeTests {
    @Test("it names every command")
    func commands() throws {
        let readme = try Fixtures.text("README.md")
        for name in Magikbench.commandNames { #expect(readme.contains("| `\(name)"), "\(name)") }
    }
}
