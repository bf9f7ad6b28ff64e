import Graph

extension JSON {
    /// The value as Python writes it, an entry a line.
    func python(indent: Int) -> String {
        let margin = String(repeating: " ", count: indent + 4)
        let end = String(repeating: " ", count: indent)
        switch self {
        case .null: return "None"
        case .boolean(let value): return value ? "True" : "False"
        case .integer(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .string: return compact
        case .array(let values):
            guard !values.allSatisfy(\.isNumber) else {
                return "[" + values.map { $0.python(indent: 0) }.joined(separator: ", ") + "]"
            }
            return "[\n" + values.map { margin + $0.python(indent: indent + 4) + ",\n" }.joined() + end + "]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { member in
                "\(margin)\(JSON.string(member.key).compact): \(member.value.python(indent: indent + 4)),\n"
            }
            return "{\n" + lines.joined() + end + "}"
        }
    }
}

extension JSON {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        case .null, .boolean, .string, .array, .object: false
        }
    }
}

/// A call in Python: a function and its arguments.
struct PythonCall: CustomStringConvertible {
    let function: String
    private(set) var arguments: [String]
    private let isConstant: Bool

    init(_ function: String, _ arguments: String...) {
        self.function = function
        self.arguments = arguments
        isConstant = false
    }

    /// A name by itself.
    init(constant: String) { (function, arguments, isConstant) = (constant, [], true) }

    /// Adds an argument by name; nothing where the value is what the function takes anyway.
    mutating func set<Value: Equatable>(_ name: String, _ value: Value, unless standard: Value?) {
        if value != standard { arguments.append("\(name)=\(PythonCall.literal(value))") }
    }

    /// Adds a call by name; nothing for nil.
    mutating func set(_ name: String, _ call: PythonCall?) {
        if let call { arguments.append("\(name)=\(call)") }
    }

    var description: String { isConstant ? function : "\(function)(\(arguments.joined(separator: ", ")))" }

    /// The call behind some words, on one line or on several of at most 110 columns.
    func lines(after words: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        let whole = "\(margin)\(words)\(self)"
        guard whole.count > 110 else { return whole }
        var rows: [String] = []
        for argument in arguments {
            if let last = rows.last, last.count + argument.count + 2 + indent + 4 < 110 {
                rows[rows.count - 1] = "\(last), \(argument)"
            } else {
                rows.append(argument)
            }
        }
        let body = rows.map { "\(margin)    \($0),\n" }.joined()
        return "\(margin)\(words)\(function)(\n\(body)\(margin))"
    }

    static func literal(_ value: Any) -> String {
        switch value {
        case let flag as Bool: flag ? "True" : "False"
        case let text as String: JSON.string(text).compact
        case let list as [Int]:
            "(\(list.map(String.init).joined(separator: ", "))\(list.count == 1 ? "," : ""))"
        default: "\(value)"
        }
    }
}

/// Names for Python, each once, as like the names of layers as they can be.
struct PythonNames {
    private var taken: Set<String>

    init(besides taken: Set<String>) { self.taken = taken }

    /// A name that no other has yet.
    mutating func name(for text: String) -> String {
        var plain = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            plain.unicodeScalars.append(isPlain ? scalar : "_")
        }
        if plain.isEmpty || plain.first?.isNumber ?? true || plain.hasPrefix("_") { plain = "layer\(plain)" }
        var name = plain
        var count = 1
        while !taken.insert(name).inserted {
            count += 1
            name = "\(plain)_\(count)"
        }
        return name
    }

    /// Words of Python, and what a module or our own classes already have.
    static let reserved: Set<String> = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
        "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
        "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
        "self", "super", "torch", "nn", "F",
        "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children",
        "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward",
        "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "ipu", "load_state_dict",
        "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters",
        "parameters", "register_backward_hook", "register_buffer", "register_forward_hook",
        "register_forward_pre_hook", "register_full_backward_hook", "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
        "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
        "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to",
        "to_empty", "train", "training", "type", "xpu", "zero_grad",
        "adopt", "answers", "digest", "draw", "freeze_ranges", "inputs", "layer_names", "load", "mean",
        "named", "numbers", "quantize", "variance",
    ]
}
