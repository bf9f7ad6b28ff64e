import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Random keys", .limited)
struct ScreenFuzzTests {
    @Test("random keys, clicks and sizes break nothing, and undo leads back", arguments: 0..<12)
    func random(seed: Int) throws {
        let names = ["network-t40", "resnet20-cifar", "broken-t40", "sms-text"]
        let document =
            seed < 3
            ? Document(network: Network(), device: .t40)
            : try Samples.document(named: names[seed % names.count])
        let kinds = Glyphs.Kind.allCases
        var fuzz = ScreenFuzz(seed: UInt64(seed), on: document, glyphs: Glyphs(kinds[seed % kinds.count]))
        for _ in 0..<400 { try fuzz.step() }
        try fuzz.undoAll()
    }
}
