import Editing
import Foundation
import Graph
import Sessions
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
