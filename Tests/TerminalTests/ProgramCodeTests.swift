import Foundation
import TestTraits
import Testing

@testable import Platform

@Suite("Code that only starting needed", .limited)
struct ProgramCodeTests {
    @Test(
        "code of a file is found among the maps of a process, and nothing else",
        arguments: [
            ("7f10-7f20 r-xp 00026000 fe:00 333151                     /usr/lib/libc.so.6", 0x7f10..<0x7f20),
            ("55d0-55e0 r-xp 00000000 fe:00 1 /a b/program", 0x55d0..<0x55e0),
            ("7f10-7f20 r--p 00000000 fe:00 1 /usr/lib/libc.so.6", nil),
            ("7f10-7f20 rwxp 00000000 fe:00 1 /usr/lib/libc.so.6", nil),
            ("7ffc-7ffe r-xp 00000000 00:00 0 [vdso]", nil), ("7f10-7f20 r-xp 00000000 00:00 0", nil),
            ("7f20-7f10 r-xp 00000000 fe:00 1 /x", nil), ("", nil),
        ] as [(String, Range<Int>?)])
    func lines(line: String, place: Range<Int>?) {
        let found = ProgramCode.codePlace(Array(line.utf8))
        #expect(found.map { Int($0.lowerBound)..<Int($0.upperBound) } == place)
    }

    /// The resident pages of files, of this process.
    private func residentFilePages() throws -> Int {
        let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(words[2]))
    }

    @Test("the program goes on with less memory")
    func lessMemory() throws {
        let before = try residentFilePages()
        ProgramCode.giveBack()
        #expect(try residentFilePages() < before)
        #expect([3, 1, 2].sorted().map { "\($0)" } == ["1", "2", "3"])
    }
}
