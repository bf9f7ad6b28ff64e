import Foundation
import TestSupport
import TestTraits
import Testing

/// What holds of all sources and no compiler says: switches over enums of ours are complete without `default:`, and the
/// pages that comments name exist.
@Suite("Sources", .limited)
struct SourceRulesTests {
    /// A file of the repository and its lines.
    struct Source {
        var path: String
        var lines: [String]
    }

    private static let root = Fixtures.root

    private static func sources(in folders: [String], _ endings: Set<String>) throws -> [Source] {
        try folders.flatMap { folder -> [Source] in
            let names = try FileManager.default.subpathsOfDirectory(atPath: root.path + "/" + folder)
            return try names.sorted().filter { endings.contains(URL(filePath: $0).pathExtension) }.map {
                let text = try String(contentsOfFile: "\(root.path)/\(folder)/\($0)", encoding: .utf8)
                return Source(path: "\(folder)/\($0)", lines: text.components(separatedBy: "\n"))
            }
        }
    }

    /// Switches over enums that are not ours, by what is switched over.
    private static let foreign = ["generalCategory", "resultCode"]

    /// The lines of switches that have a `default:` beside cases of an enum.
    static func openSwitches(_ lines: [String]) -> [String] {
        var found: [String] = []
        var open: [(indent: Int, line: String, hasCases: Bool)] = []
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            while let last = open.last, text.hasPrefix("}"), indent <= last.indent { open.removeLast() }
            if line.hasSuffix("{"), line.contains("switch "), !text.hasPrefix("//") {
                open.append((indent, String(text), false))
            } else if let last = open.indices.last {
                if text.hasPrefix("case ."), !text.hasPrefix("case ..") { open[last].hasCases = true }
                // Pairs of two enums; a pair with a number needs its default.
                if text.contains(#/^case \(\..*, \./#) { open[last].hasCases = true }
                if text.hasPrefix("default:"), open[last].hasCases { found.append(open[last].line) }
            }
        }
        return found.filter { line in !foreign.contains { line.contains($0) } }
    }

    @Test("a switch over an enum names all cases")
    func complete() throws {
        for source in try Self.sources(in: ["Sources"], ["swift"]) {
            #expect(Self.openSwitches(source.lines) == [], "\(source.path)")
        }
    }

    @Test("a switch with default: beside cases of an enum is found, and one over numbers is not")
    func finds() {
        let lines = [
            "switch kind {", "case .one: break", "default: break", "}",
            "switch count {", "case 1: break", "default: break", "}",
            "switch (one, other) {", "case (.one(let a), .two): break", "default: break", "}",
            "switch (kind, count) {", "case (.one, 1), (.two, 2): break", "default: break", "}",
        ]
        #expect(Self.openSwitches(lines) == ["switch kind {", "switch (one, other) {"])
    }

    @Test("retired phrases do not come back")
    func plainWords() throws {
        let retired = /\b(nobody|somebody|whoever|lives with|is given up|what is left of|has to be told)\b/
            .ignoresCase()
        let endings: Set = ["swift", "c", "h", "py", "md"]
        var sources = try Self.sources(in: ["Sources", "docs", "Tests"], endings)
        sources.removeAll { $0.path.hasSuffix("/SourceRulesTests.swift") }
        for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile"] {
            let text = try String(contentsOfFile: "\(Self.root.path)/\(name)", encoding: .utf8)
            sources.append(Source(path: name, lines: text.components(separatedBy: "\n")))
        }
        for source in sources {
            let found = source.lines.filter { $0.contains(retired) }
            #expect(found == [], "\(source.path)")
        }
    }

    @Test("every type with tests has a time limit")
    func limits() throws {
        for source in try Self.sources(in: ["Tests"], ["swift"]) {
            #expect(Self.unlimited(source.lines) == [], "\(source.path)")
        }
    }

    /// The types of a file that have tests and no limit; extensions have that of their type.
    static func unlimited(_ lines: [String]) -> [String] {
        var found: [String] = []
        var attributes = ""
        var type: String?
        for line in lines {
            if line.contains(#/^(final )?(struct|class|enum|actor) /#) {
                type = attributes.contains(".limited") ? nil : line
            } else if line.hasPrefix("extension ") {
                type = nil
            } else if line.contains(#/^ *@Test\b/#), let name = type, found.last != name {
                found.append(name)
            }
            attributes = line.isEmpty ? "" : attributes + line
        }
        return found
    }

    @Test("a type with tests and without a time limit is found")
    func findsUnlimited() {
        let lines = [
            "@Suite(.limited)", "struct One {", "    @Test func a() {}", "}", "", "struct Two {",
            "    @Test func b() {}", "}", "", "extension One {", "    @Test func c() {}", "}",
        ]
        #expect(Self.unlimited(lines) == ["struct Two {"])
    }

    @Test("the pages that comments and messages name exist")
    func pages() throws {
        let page = /[A-Za-z][A-Za-z0-9_-]*\.md\b/
        let known = Set(
            try FileManager.default.contentsOfDirectory(atPath: Self.root.path + "/docs")
                + FileManager.default.contentsOfDirectory(atPath: Self.root.path))
        var count = 0
        for source in try Self.sources(in: ["Sources", "Tests/Support"], ["swift", "c", "h", "py"]) {
            for line in source.lines where line.contains("//") || line.contains("#") {
                for match in line.matches(of: page) {
                    count += 1
                    #expect(known.contains(String(match.output)), "\(source.path): \(match.output)")
                }
            }
        }
        #expect(count > 10)
    }
}
