import Graph

/// Values as Python source has them.
enum PythonText {
    static func flag(_ isSet: Bool) -> String { isSet ? "True" : "False" }

    /// A number that reads back as itself, with a point.
    static func number(_ number: Double) -> String { "\(number)" }

    /// A text in double quotes.
    static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            case "\u{2028}", "\u{2029}": quoted += "\\u" + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A text that can stand between three quotes.
    static func comment(_ text: String) -> String {
        String(text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? " " : $0 })
    }
}

/// A name for every input and layer that Python takes and that no other has.
struct PythonNames {
    /// By the name in the network.
    private(set) var names: [String: String] = [:]

    private static let reserved: Set<String> = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
        "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
        "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "self",
        "ops", "nn", "forward", "train", "eval", "training", "parameters", "modules", "children", "apply",
        "cuda", "cpu", "to", "half", "float", "double", "type", "buffers", "state_dict", "extra_repr",
        "compile", "bfloat16", "zero_grad", "share_memory", "requires_grad_", "register_buffer",
        "register_parameter", "register_module", "add_module", "named_children", "named_modules",
        "named_parameters", "load_state_dict", "dump_patches", "call_super_init", "T_destination",
    ]

    init(_ network: Network) {
        var taken = PythonNames.reserved
        for name in network.inputs.map(\.name) + network.nodes.map(\.name) {
            var plain = String(
                name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "_" })
            if plain.first?.isNumber ?? true || plain.hasPrefix("__") { plain = "layer_" + plain }
            var unique = plain
            var count = 2
            while taken.contains(unique) || taken.contains(unique + "_states") {
                unique = "\(plain)_\(count)"
                count += 1
            }
            taken.insert(unique)
            // An LSTM's states have a variable of their own.
            if network[name]?.kind == .lstm { taken.insert(unique + "_states") }
            names[name] = unique
        }
    }
}
