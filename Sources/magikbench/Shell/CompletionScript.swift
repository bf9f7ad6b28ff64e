import ArgumentParser
import Foundation

/// The script that a shell completes command lines with: that of the parser, and what it leaves out, that without a command's name
/// a session is opened.
enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// Whether a script is asked for.
    static var isRequested: Bool { CommandLine.arguments.contains { $0.hasPrefix(option) } }

    /// The shell whose script is asked for; nil where none is, and where its name is not known.
    static var requested: CompletionShell? {
        let words = CommandLine.arguments
        guard words.count == 3, words[1] == option else { return nil }
        return CompletionShell(rawValue: words[2])
    }

    /// The script for a shell. Throws where the parser writes another script than was expected.
    static func text(for shell: CompletionShell) throws -> String {
        let script = Magikbench.completionScript(for: shell)
        if shell == .bash { return try bash(script) }
        if shell == .zsh { return try zsh(script) }
        return shell == .fish ? try fish(script) : script
    }

    /// Puts a text behind another one that occurs in the script.
    private static func adding(_ text: String, behind place: String, in script: String) throws -> String {
        guard let found = script.range(of: place) else {
            throw CommandError.failure("the completion script has no '\(place)' to add to")
        }
        return script.replacingCharacters(in: found, with: place + text)
    }

    /// Commands are offered in the first place alone; what is no command is an argument of `open`.
    private static func bash(_ script: String) throws -> String {
        let title = "# Offer subcommand completions\n        "
        let first = try adding("[[ \"${COMP_CWORD}\" -eq 1 ]] && ", behind: title, in: script)
        let call = """

                    unparsed_words=("${subcommand}" "${unparsed_words[@]}")
                    _magikbench_open
            """
        guard let start = first.range(of: title),
            let end = first.range(of: "\n", range: start.upperBound..<first.endIndex)
        else { throw CommandError.failure("the completion script for bash has no commands") }
        return first.replacingCharacters(in: end.lowerBound..<end.lowerBound, with: call)
    }

    /// An option in the first place, or a word there that is no command, is an argument of `open`; sessions are offered beside the
    /// commands.
    private static func zsh(_ script: String) throws -> String {
        let names = (Magikbench.commandNames + ["help", "open"]).joined(separator: "|")
        let check = """

                if [[ "${words[2]}" == -* ]] || (( CURRENT > 2 )) && [[ "${words[2]}" != (\(names)) ]]; then
                    _magikbench_open
                    return
                fi

            """
        let sessions = """

                    __magikbench_custom_complete ---completion open -- positional@0 "${current_word_index}" \
            "$(__magikbench_cursor_index_in_current_word)" && ret=0
            """
        let checked = try adding(
            check, behind: "local -ir current_word_index=\"$((CURRENT - 1))\"\n", in: script)
        return try adding(sessions, behind: "_describe -V subcommand subcommands && ret=0", in: checked)
    }

    /// The lines of `open` once more, for the program without a command.
    private static func fish(_ script: String) throws -> String {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
        let known = ["version", "h help"]
        let own = lines.filter { line in
            line.contains("\"magikbench open\"")
                && !known.contains { line.contains("\"magikbench open\" \($0)'") }
        }
        guard let specs = lines.first(where: { $0.contains("__magikbench_parse_subcommand 1 'theme=") })
        else {
            throw CommandError.failure("the completion script for fish has no options of open")
        }
        let options = specs.split(separator: " ").dropFirst(2).joined(separator: " ")
        let root = "__magikbench_parse_subcommand 0 'version' 'h/help'"
        guard let found = script.range(of: root) else {
            throw CommandError.failure("the completion script for fish has no commands")
        }
        return script.replacingCharacters(in: found, with: "__magikbench_parse_subcommand 0 \(options)")
            + "\n"
            + own.map { $0.replacing("\"magikbench open\"", with: "\"magikbench\"") }.joined(separator: "\n")
            + "\n"
    }
}
