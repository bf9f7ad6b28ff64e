import Devices
import Graph

/// One `LAYER.FIELD=VALUE` of a command line, `device=CHIP` or `task=TASK`.
package struct Assignment {
    /// What gets the value.
    enum Target {
        /// The chip of the session.
        case device
        /// What the network is for.
        case task
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
    package init(_ text: String) throws(AssignmentError) {
        guard let equals = text.firstIndex(of: "=") else {
            throw AssignmentError(text: text, reason: .noValue)
        }
        let left = text[..<equals]
        self.text = text
        value = String(text[text.index(after: equals)...])
        if left == "device" {
            target = .device
            return
        }
        if left == "task" {
            target = .task
            return
        }
        guard let dot = left.lastIndex(of: "."), dot > left.startIndex, left.index(after: dot) < left.endIndex
        else {
            throw AssignmentError(text: text, reason: .noField)
        }
        target = .field(String(left[left.index(after: dot)...]), of: String(left[..<dot]))
    }
}

/// Why an assignment cannot be made.
package struct AssignmentError: Error {
    /// The whole, as it was typed.
    package let text: String
    /// What is wrong with it.
    let reason: Reason

    /// What can be wrong.
    enum Reason: Error {
        /// There is no `=`.
        case noValue
        /// There is no dot between a layer and a field.
        case noField
        /// No chip has that name.
        case noSuchDevice(String)
        /// The value is no task.
        case noTask(FileError)
        /// No layer matches the pattern.
        case noMatch(String)
        /// Layers match the pattern, and none has the field.
        case noFieldInMatches(String, field: String, nearest: String?)
        /// The layer or input does not take the value.
        case place(PlaceError)
        /// The network refuses the change.
        case edit(EditError)
    }
}

extension AssignmentError: CustomStringConvertible {
    /// What is wrong, and what would be right.
    package var description: String {
        // A wrong chip says enough by itself.
        if case .noSuchDevice(let name) = reason { return Device.unknown(name) }
        return "\(text): \(words)"
    }

    private var words: String {
        switch reason {
        case .noValue: "has no '='; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"
        case .noField: "names no field; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"
        case .noSuchDevice(let name): Device.unknown(name)
        case .noTask(let error): "\(error)"
        case .noMatch(let pattern): "no layer matches '\(pattern)'"
        case .noFieldInMatches(let pattern, let field, let nearest):
            "no layer that '\(pattern)' matches has a field '\(field)'"
                + didYouMean(nearest)
        case .place(let error): "\(error)"
        case .edit(.field(_, let error)): "\(error)"
        case .edit(let error): "\(error)"
        }
    }
}

extension Device {
    /// That no chip has a name, and which there are.
    package static func unknown(_ name: String) -> String {
        let names = allCases.map(\.rawValue)
        return "no chip is named '\(name)'" + didYouMean(name, among: names)
            + "; the chips are \(Figures.listed(names))"
    }
}
