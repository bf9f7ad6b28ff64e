import ArgumentParser
import Graph
import Terminal

/// The manual page of the program in roff, written from what the parser of its arguments says of itself.
struct ManualPage {
    private let root: JSON

    /// The page of the program.
    init() throws(FileError) { root = try JSON(text: Magikbench._dumpHelp())["command"] ?? .null }

    /// The page in the macros of man(7).
    var text: String {
        var lines = [
            ".TH MAGIKBENCH 1 \"\" \"magikbench \(Magikbench.version)\" \"User Commands\"",
            ".SH NAME", "magikbench \\- a workbench for quantized networks on Ingenic chips",
            ".SH SYNOPSIS", ".B magikbench", "[\\fISESSION\\fR]", ".br", ".B magikbench",
            "\\fICOMMAND\\fR [\\fIOPTION\\fR ...]", ".SH DESCRIPTION",
            "Without a command, opens the workbench on a session, or on its first screen.",
        ]
        if let open = commands(of: root).first(where: { $0.text(of: "commandName") == "open" }) {
            lines += options(of: open)
        }
        lines.append(".SH COMMANDS")
        for command in commands(of: root) where command["shouldDisplay"] == .boolean(true) {
            lines += section(command, behind: "")
        }
        return (lines + ManualPage.ending).joined(separator: "\n") + "\n"
    }

    private static let ending = [
        ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "Takes the colours away.", ".TP", ".B XDG_CONFIG_HOME",
        "Where \\fImagikbench/config.json\\fR is; ~/.config without it.", ".TP", ".B XDG_STATE_HOME",
        "Where unsaved changes and the list of recent sessions are kept; ~/.local/state without it.", ".TP",
        ".B MAGIKBENCH_LOG", "A file for what libraries print while the screen is open.", ".SH FILES", ".TP",
        ".I ~/.config/magikbench/config.json",
        "Theme, keys and other settings of the screen: see \\fBconfig\\fR.",
        ".SH EXIT STATUS", ".TP", ".B 0", "Done.", ".TP", ".B 1",
        "Done, and the answer is no: findings, a mismatch.", ".TP", ".B 2", "Bad usage or unreadable input.",
        ".TP", ".B 130", "Stopped by a signal, after saving.",
    ]

    private func commands(of command: JSON) -> [JSON] {
        guard case .array(let commands)? = command["subcommands"] else { return [] }
        return commands.filter { $0.text(of: "commandName") != "help" }
    }

    /// A command with its arguments, what it does, and its options; then those below it.
    private func section(_ command: JSON, behind parents: String) -> [String] {
        let name = parents + (command.text(of: "commandName") ?? "")
        let typed = positionals(of: command).map { "\\fI\(ManualPage.escaped($0))\\fR" }
        var lines = [".SS \"\(([ManualPage.escaped(name)] + typed).joined(separator: " "))\""]
        lines.append(ManualPage.escaped(command.text(of: "abstract") ?? ""))
        lines += ManualPage.paragraphs(command.text(of: "discussion") ?? "")
        lines += options(of: command)
        return lines + commands(of: command).flatMap { section($0, behind: name + " ") }
    }

    private func arguments(of command: JSON) -> [JSON] {
        guard case .array(let arguments)? = command["arguments"] else { return [] }
        return arguments.filter { argument in
            let name = argument.text(of: "valueName") ?? ""
            return argument["shouldDisplay"] == .boolean(true) && name != "help" && name != "version"
        }
    }

    private func positionals(of command: JSON) -> [String] {
        arguments(of: command).filter { $0.text(of: "kind") == "positional" }.map { argument in
            let dots = argument["isRepeating"] == .boolean(true) ? " ..." : ""
            let name = (argument.text(of: "valueName") ?? "").uppercased() + dots
            return argument["isOptional"] == .boolean(true) ? "[\(name)]" : name
        }
    }

    private func options(of command: JSON) -> [String] {
        arguments(of: command).flatMap { argument -> [String] in
            guard case .array(let names)? = argument["names"] else { return [] }
            let words = names.map { name in
                let word = name.text(of: "name") ?? ""
                return "\\fB" + ManualPage.escaped((name.text(of: "kind") == "long" ? "--" : "-") + word)
                    + "\\fR"
            }
            let isFlag = argument.text(of: "kind") == "flag"
            let value = isFlag ? "" : " \\fI\(ManualPage.escaped(argument.text(of: "valueName") ?? ""))\\fR"
            var help = argument.text(of: "abstract") ?? ""
            if let standard = argument.text(of: "defaultValue"), !isFlag {
                help += " (standard: \(standard))"
            }
            return [".TP", words.joined(separator: ", ") + value, ManualPage.escaped(help)]
        }
    }

    /// Paragraphs of a text; lines that are indented stay as they are.
    private static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        var isExample = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndented = line.hasPrefix("  ")
            if isIndented != isExample { lines.append(isIndented ? ".PP\n.RS 4\n.EX" : ".EE\n.RE\n.PP") }
            isExample = isIndented
            if line.isEmpty {
                if !isExample, lines.last?.hasSuffix(".PP") != true { lines.append(".PP") }
            } else {
                lines.append(escaped(isIndented ? String(line.dropFirst(2)) : String(line)))
            }
        }
        if isExample { lines.append(".EE\n.RE") }
        return lines.isEmpty ? [] : [".PP"] + lines
    }

    /// A text as roff prints it: no sign at the begin of a line is a request, and signs that have a meaning are their own.
    private static func escaped(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
            .replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
        let signs = line.unicodeScalars.map { scalar in
            scalar.isASCII ? String(scalar) : "\\[u" + hexadecimal(scalar) + "]"
        }
        return (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + signs.joined()
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
