import Foundation

/// Calls of the program with hostile values of its options; the options are those that its help names.
public struct OptionFuzz {
    private let program: BuiltProgram
    private let session: String
    private let data: String
    private let options: [(command: String, names: [String])]

    /// Reads the options of every command.
    public init(_ program: BuiltProgram, session: String, data: String) throws {
        self.program = program
        self.session = session
        self.data = data
        let commands = [
            "show", "check", "set", "train", "quantize", "eval", "inspect", "sweep", "runs", "export", "dump",
        ]
        options = try commands.map { command in
            let help = try program.run([command, "--help"]).output
            let names = help.split(separator: "\n").compactMap { line -> String? in
                let words = line.split(separator: " ")
                guard line.hasPrefix("  -"), let name = words.first(where: { $0.hasPrefix("--") }),
                    words.contains(where: { $0.hasPrefix("<") })
                else { return nil }
                return String(name.prefix { $0 != "/" && $0 != "," })
            }
            return (command, names)
        }
    }

    /// How many options there are.
    public var count: Int { options.reduce(0) { $0 + $1.names.count } }

    /// The call of a seed.
    public func arguments(seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        let (command, names) = random.pick(options)
        var words = [command, session]
        switch command {
        case "train": words += ["--data", data, "--steps", "1", "--batch", "8"]
        case "quantize": words += ["--data", data, "--dry-run"]
        case "eval", "inspect": words += ["--data", data]
        case "sweep": words += ["--data", data, "--over", "clip"]
        case "export": words += ["--to", "magik", "-o", session + "/out.py"]
        case "dump": words += ["--data", data, "-o", session + "/dump"]
        default: break
        }
        for _ in 0...random.below(2) where !names.isEmpty {
            words.append("\(random.pick(names))=\(OptionFuzz.value(&random))")
        }
        return words
    }

    private static func value(_ random: inout SeededGenerator) -> String {
        switch random.below(4) {
        case 0: "\(random.pick(NastyValues.integers))"
        case 1: random.pick(NastyValues.numbers)
        case 2: HostileText.text
        default: random.pick(["", ",", "1,1", "-", "1x1", "99999999999999999999%", "0%", "%", "a,limit=-1"])
        }
    }

    /// What is wrong with how the program answered a call; nil where nothing is. One that works on for long is stopped.
    public func fault(seed: UInt64) throws -> String? {
        // Beside the session: a value may be taken as the name of a file that is written.
        let folder = (session as NSString).deletingLastPathComponent
        let child = try ProgramChild(
            program, arguments(seed: seed),
            wrapper: ["/usr/bin/env", "-C", folder, "/usr/bin/timeout", "-k", "5", "10"])
        var output = ""
        while let line = child.line() { output += line + "\n" }
        let code = child.wait()
        // 124: stopped in time; 130: stopped, all saved.
        guard [0, 1, 2, 124, 130].contains(code) else {
            return "it ended with \(code): \(child.errors.prefix(300))"
        }
        for text in [output, child.errors] {
            if let fault = HostileText.fault(in: text) {
                return "\(fault) in \(text.prefix(300).debugDescription)"
            }
        }
        return nil
    }
}
