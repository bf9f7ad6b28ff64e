import TestSupport
import TestTraits
import Testing

@testable import TUI

@Suite("Generated pages of the screen", .limited)
struct GeneratedPagesTests {
    @Test("docs/keys.md is the table of commands")
    func keys() throws { try expectFile(KeyHelp.document, at: "docs/keys.md") }

    @Test("docs/configuration.md is the table of settings")
    func settings() throws { try expectFile(SettingsPage.document, at: "docs/configuration.md") }
}
