import Graph

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
    /// A layer or input has no such field; the fields that it has.
    case noSuchField(String, of: String, known: [String])
    /// The field does not take the value.
    case value(FieldError)
    /// The value is not a list of layers, inputs and outputs.
    case notSources(String)
    /// An input cannot have the shape.
    case shape(ShapeError)
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
        case .noSuchField(let field, let thing, let known):
            "\(thing) has no field '\(field)'"
                + (nearest(to: field, among: known).map { meant($0) } ?? "; it has \(Figures.listed(known))")
        case .value(let error): "\(error)"
        case .notSources(let text): "'\(text)' is not a list of layers and inputs such as conv0,split[1]"
        case .shape(let error): "\(error)"
        case .edit(.field(_, let error)): "\(error)"
        case .edit(let error): "\(error)"
        }
    }

    private func meant(_ name: String?) -> String { name.map { "; did you mean '\($0)'?" } ?? "" }
}
