import Editing
import Foundation
import Graph
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("What shells are given", .limited)
struct ShellTests {
    @Test("the manual page names every command with its options, and no text in it is a request")
    func manual() throws {
        let page = try ManualPage().text
        #expect(page.hasPrefix(".TH MAGIKBENCH 1"))
        for name in Magikbench.commandNames {
            #expect(page.contains(".SS \"\(name.replacing("-", with: "\\-"))"), "\(name)")
        }
        for option in ["\\-\\-device", "\\-\\-epochs", "\\-\\-theme", "\\-\\-no\\-mouse"] {
            #expect(page.contains("\\fB\(option)\\fR"), "\(option)")
        }
        #expect(page.utf8.allSatisfy { $0 < 0x80 })
        #expect(page.contains(".SS \"config set \\fISETTING ...\\fR\""))
        let requests: Set<Substring> = [
            ".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".RS", ".RE", ".EX", ".EE", ".br",
        ]
        for line in page.split(separator: "\n") {
            if line.hasPrefix(".") { #expect(requests.contains(line.prefix { $0 != " " }), "\(line)") }
            #expect(!line.hasPrefix("'"), "\(line)")
        }
    }

    @Test("paths are completed in their folder, folders and files that are meant")
    func paths() throws {
        try withTemporaryFolder { folder in
            for name in ["digits.magik", "data"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
            }
            for name in ["model.onnx", "notes.txt", ".hidden.onnx"] {
                try "".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            func names(_ typed: String) -> [String] {
                PathCompletion.paths("\(folder)/\(typed)") { name, _ in
                    !name.hasSuffix(".txt")
                }
                .map { String($0.dropFirst(folder.count + 1)) }
            }
            #expect(names("") == ["data", "digits.magik", "model.onnx"])
            #expect(names("di") == ["digits.magik"] && names("x") == [] && names("none/") == [])
            #expect(names(".") == [".hidden.onnx"])
        }
    }

    @Test("assignments are completed with the layers of the session, then with the fields of a layer")
    func assignments() throws {
        let document = try Samples.document(named: "network-t40")
        let layers = AssignmentCompletion.words("conv", in: document)
        #expect(layers.contains("conv0.") && layers.allSatisfy { $0.hasPrefix("conv") })
        let fields = AssignmentCompletion.words("conv0.s", in: document)
        #expect(fields.contains("conv0.stride=") && fields.allSatisfy { $0.hasPrefix("conv0.s") })
        #expect(AssignmentCompletion.words("dev", in: document) == ["device="])
    }

    /// What is typed in a shell, and what Tab makes of it.
    private static let completed = [
        ("magikbench sh", "magikbench show"),
        ("magikbench show samples/network-t40-m", "magikbench show samples/network-t40-mnist.magik"),
        ("magikbench eval x --data im", "magikbench eval x --data images:"),
        ("magikbench runs x comp", "magikbench runs x compare"),
        ("magikbench --the", "magikbench --theme"),
        ("magikbench --theme colour-b", "magikbench --theme colour-blind-safe"),
        ("magikbench --plain samples/mnist-c", "magikbench --plain samples/mnist-cnn.magik"),
        ("magikbench samples/mnist-c", "magikbench samples/mnist-cnn.magik"),
    ]

    /// A shell on a terminal, with nothing but the completion script.
    private static func withShell(_ shell: String, _ body: (PseudoTerminal) throws -> Void) throws {
        let program = try BuiltProgram.besideTests().file
        try withTemporaryFolder { folder in
            let script = try runProgram(["--generate-completion-script", shell])
            try script.output.write(toFile: folder + "/_magikbench", atomically: true, encoding: .utf8)
            let path = program.deletingLastPathComponent().path + ":/usr/local/bin:/usr/bin:/bin"
            let terminal = try PseudoTerminal(
                "/usr/bin/env",
                ["-C", Fixtures.root.path, shell] + (shell == "zsh" ? ["-f", "-i"] : ["--no-config", "-i"]),
                size: Size(rows: 200, columns: 120),
                environment: ["PATH": path, "HOME": folder, "LANG": "C.UTF-8"])
            let begin =
                shell == "zsh"
                ? "fpath=(\(folder) $fpath); autoload -U compinit; compinit -u -D; PS1='> '; echo re''ady\n"
                : "source \(folder)/_magikbench; echo re''ady\n"
            terminal.settle(milliseconds: 500)
            terminal.type(begin)
            try terminal.wait(for: "ready")
            try body(terminal)
        }
    }

    private static func isInstalled(_ shell: String) -> Bool {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + shell)
        }
    }

    @Test(
        "zsh completes commands, options, data sets with their colon, and sessions with and without a command",
        .enabled(if: isInstalled("zsh"), "zsh is not installed"))
    func zsh() throws { try Self.complete(in: "zsh") }

    @Test(
        "fish completes commands, options, data sets with their colon, and sessions with and without a command",
        .enabled(if: isInstalled("fish"), "fish is not installed"))
    func fish() throws { try Self.complete(in: "fish") }

    private static func complete(in shell: String) throws {
        try withShell(shell) { terminal in
            for (typed, whole) in completed {
                terminal.type(typed + "\t")
                try terminal.wait(for: whole)
                // Ctrl-U empties the line, and Enter leaves it.
                terminal.type("\u{15}\n")
            }
        }
    }

    @Test("bash completes a session without a command, and options of the screen")
    func bashWithoutCommand() throws {
        let script = try runProgram(["--generate-completion-script", "bash"]).output
        try withTemporaryFolder { folder in
            let file = folder + "/completion"
            try script.write(toFile: file, atomically: true, encoding: .utf8)
            for (words, expected) in [
                ("--theme d", "dark"), ("samples/mnist-c", "samples/mnist-cnn.magik"),
                ("--plain samples/mnist-c", "samples/mnist-cnn.magik"), ("--the", "--theme"), ("sh", "show"),
            ] {
                let text =
                    "source '\(file)' && COMP_WORDS=(\"$0\" \(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                    + "COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; "
                    + "_magikbench \"$0\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; "
                    + "printf '%s\\n' \"${COMPREPLY[@]}\""
                let run = try BuiltProgram.besideTests().run([], wrapper: ["/bin/bash", "-c", text])
                #expect(
                    run.output.split(separator: "\n") == [Substring(expected)],
                    "\(words): \(run.output) \(run.errors)")
            }
        }
    }

    @Test("each shell gets a script, and bash is content with its own", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) throws {
        let script = try runProgram(["--generate-completion-script", shell])
        #expect(script.code == 0 && script.output.contains("magikbench"))
        guard shell == "bash" else { return }
        try withTemporaryFolder { folder in
            let file = folder + "/completion"
            try script.output.write(toFile: file, atomically: true, encoding: .utf8)
            // What a person gets for "magikbench show samples/network-t40-m" and Tab.
            let words = "COMP_WORDS=(\"$0\" show samples/network-t40-m)"
            let line = "COMP_CWORD=2; COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}"
            let text =
                "source '\(file)' && \(words) && \(line) && _magikbench && printf '%s\\n' \"${COMPREPLY[@]}\""
            let run = try BuiltProgram.besideTests().run([], wrapper: ["/bin/bash", "-c", text])
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            #expect(run.output.split(separator: "\n") == ["samples/network-t40-mnist.magik"], "\(run.output)")
        }
    }
}
