import Foundation
import TestSupport
import TestTraits
import Testing

/// README and the pages of `docs` say what the program does: their commands are run, and what they show is compared.
@Suite("Commands of the documentation", .limited(minutes: 30))
struct PageTests {
    /// Commands that no test runs, by how they begin, and why.
    static let notRun = [
        "make run": "installs, builds and opens a screen", "make test": "runs these tests",
        "make check": "runs these tests", "make bench": "takes hours", "MAGIKBENCH_PYTHON=": "takes hours",
        "make kills": "takes minutes", "make soak": "takes minutes", "make fuzz": "takes hours",
        "make sanitize": "takes hours",
        "magikbench bench ": "takes minutes",
        "magikbench broken.magik": "opens a screen; the keys that follow are pressed in a test of the screen",
        "Benchmarks/": "takes hours and needs real data", "python ": "needs PyTorch",
        "torchrun ": "needs several machines",
        "magikbench train digits --data mnist:data/mnist --engine torch": "needs PyTorch",
        "magikbench train cells": "takes minutes and needs pictures with boxes",
        "magikbench eval cells": "needs pictures with boxes",
        "magikbench look cells": "needs pictures with boxes",
    ]

    static let pages: [String] = {
        let folder = Fixtures.root.appending(path: "docs").path
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    private static func commands(of page: String) throws -> [PageCommand] {
        PageCommand.all(on: page, try Fixtures.text(page))
    }

    private static func isRun(_ command: PageCommand) -> Bool {
        !notRun.keys.contains { command.text.hasPrefix($0) }
    }

    @Test(
        "every command on a page runs, ends with its exit code, and prints what the page shows",
        arguments: pages)
    func run(page: String) throws {
        let commands = try Self.commands(of: page).filter(Self.isRun)
        var left: [String] = []
        try withTemporaryFolder { folder in
            let run = try PageRun(in: folder)
            for command in commands {
                let isSmall = PageRun.usesSmall(command)
                // Without the model that the page imports, what is done to it cannot be done.
                if !isSmall, !PageRun.hasModel, command.words.contains(where: { $0.hasPrefix("face") }) {
                    left.append("\(command)")
                    continue
                }
                let result = try run.run(command)
                // A check answers yes or no; what answers is compared where a page shows it.
                let codes: ClosedRange<Int32> = command.words.dropFirst().first == "check" ? 0...1 : 0...0
                #expect(codes.contains(result.code), "\(command): exit code \(result.code)\n\(result.text)")
                let printed = result.text.split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
                #expect(
                    command.printed.isEmpty
                        || PrintedLines(hasOtherNumbers: isSmall).match(command.printed, in: printed),
                    "\(command) prints\n\(result.text)")
            }
        }
        if !left.isEmpty {
            let commands = left.joined(separator: "; ")
            try Test.cancel("all others ran; \(PageRun.model) is not there for \(commands)")
        }
    }

    @Test("what is not run is on a page, and something is run of README, training and PyTorch")
    func complete() throws {
        let all = try Self.pages.flatMap(Self.commands)
        for start in Self.notRun.keys {
            #expect(all.contains { $0.text.hasPrefix(start) }, "nothing begins with '\(start)'")
        }
        let run = Dictionary(grouping: all.filter(Self.isRun), by: \.page)
        #expect(run["README.md"]?.count ?? 0 >= 20, "\(run["README.md"] ?? [])")
        #expect(run["docs/training.md"]?.count ?? 0 >= 8 && run["docs/torch.md"]?.count ?? 0 >= 2)
    }

    @Test("lines are compared in order, seconds and what stands for others apart")
    func lines() {
        let printed = ["a 1.5 s", "", "b  12 dB", "c", "d"]
        let exact = PrintedLines(hasOtherNumbers: false)
        #expect(exact.match(["a 9 s", "", "b 12 dB", "..."], in: printed))
        #expect(
            exact.match(["...", "c", "d"], in: printed) && exact.match(["a 1 s", "...", "d"], in: printed))
        #expect(!exact.match(["...", "b 13 dB", "c", "d"], in: printed))
        #expect(!exact.match(["...", "c"], in: printed) && !exact.match(["...", "d", "c"], in: printed))
        #expect(PrintedLines(hasOtherNumbers: true).match(["...", "b 13 dB", "c", "d"], in: printed))
    }
}
