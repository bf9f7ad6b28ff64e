import Graph
import Workbench

/// One `LAYER.FIELD=VALUE` of a command line, or `device=CHIP`.
struct Assignment {
    /// What gets the value.
    enum Target {
        /// The chip of the session.
        case device
        /// A field of the layers or inputs that a name or pattern stands for.
        case field(String, of: String)
    }

    /// The whole, as it was typed.
    let text: String
    /// What gets the value.
    let target: Target
    /// The value, as it was typed.
    let value: String

    /// Splits at the first `=` and, before it, at the last dot; names may have dots, fields have none.
    init(_ text: String) throws(CommandError) {
        guard let equals = text.firstIndex(of: "=") else { throw .assignment(text, .noValue) }
        let left = text[..<equals]
        self.text = text
        value = String(text[text.index(after: equals)...])
        if left == "device" {
            target = .device
            return
        }
        guard let dot = left.lastIndex(of: "."), dot > left.startIndex, left.index(after: dot) < left.endIndex
        else {
            throw .assignment(text, .noField)
        }
        target = .field(String(left[left.index(after: dot)...]), of: String(left[..<dot]))
    }
}

/// Why an assignment cannot be made.
enum AssignmentError: Error {
    /// There is no `=`.
    case noValue
    /// There is no dot between a layer and a field.
    case noField
    /// No layer matches the pattern.
    case noMatch(String)
    /// Layers match the pattern, and none has the field.
    case noFieldInMatches(String, field: String, nearest: String?)
    /// The layer or input does not take the value.
    case place(PlaceError)
    /// The network refuses the change.
    case edit(EditError)
}

extension AssignmentError: CustomStringConvertible {
    /// What is wrong and what would be right.
    var description: String {
        switch self {
        case .noValue: "has no '='; write LAYER.FIELD=VALUE or device=CHIP"
        case .noField: "names no field; write LAYER.FIELD=VALUE or device=CHIP"
        case .noMatch(let pattern): "no layer matches '\(pattern)'"
        case .noFieldInMatches(let pattern, let field, let nearest):
            "no layer that '\(pattern)' matches has a field '\(field)'" + meant(nearest)
        case .place(let error): "\(error)"
        case .edit(.field(_, let error)): "\(error)"
        case .edit(let error): "\(error)"
        }
    }

    private func meant(_ name: String?) -> String { name.map { "; did you mean '\($0)'?" } ?? "" }
}
