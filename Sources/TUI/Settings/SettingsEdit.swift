import Graph

/// A change of `config.json` as it is typed: "theme=dark", "keys.fix=x", "run.epochs=20"; nothing behind "=" takes the setting
/// out of the file.
public struct SettingsEdit: Sendable {
    private let path: [String]
    private let value: JSON?

    /// Reads what was typed. Throws `SettingsEditError`.
    public init(_ text: String) throws(SettingsEditError) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw SettingsEditError(
                text:
                    "'\(text.oneLine(upTo: 64))' is no change of a setting; one is NAME=VALUE, as theme=dark")
        }
        let name = text[..<equals]
        let typed = String(text[text.index(after: equals)...])
        path = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        value = typed.isEmpty ? .none : SettingsEdit.value(typed, isKeys: path.count > 1 && path[0] == "keys")
    }

    /// The name of the setting.
    var name: String { path.joined(separator: ".") }

    private static func value(_ text: String, isKeys: Bool) -> JSON {
        if isKeys { return .array(text.split(separator: " ").map { .string(String($0)) }) }
        if text == "true" || text == "false" { return .boolean(text == "true") }
        if let number = Int(text) { return .integer(number) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return .string(text)
    }

    /// The bytes of a file with the change made. Throws `SettingsEditError` where the file is no object, or the setting would
    /// be wrong in it.
    public func applied(to bytes: [UInt8]) throws(SettingsEditError) -> [UInt8] {
        let json: JSON
        do throws(FileError) { json = try JSON(bytes: bytes) } catch {
            throw SettingsEditError(text: "config.json: \(error)")
        }
        guard case .object = json else {
            throw SettingsEditError(text: "config.json is \(json.kind); settings are an object")
        }
        let changed = Array((json.setting(path[...], to: value).pretty + "\n").utf8)
        if let problem = SettingsFile(bytes: changed).problems.first(where: { $0.name == name }), value != nil
        {
            throw SettingsEditError(text: "\(name) \(problem.text)")
        }
        return changed
    }
}

/// Why a setting is not changed, as a sentence.
public struct SettingsEditError: Error, Hashable, Sendable {
    /// What is wrong.
    public let text: String
}

extension SettingsEditError: CustomStringConvertible {
    /// The sentence.
    public var description: String { text }
}

extension JSON {
    /// This object with another value behind some keys; nil takes the last one out.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSON?) -> JSON {
        guard let key = path.first else { return self }
        var members: [Member] = []
        if case .object(let own) = self { members = own }
        let place = members.firstIndex { $0.key == key }
        var new = value
        if path.count > 1 {
            let inner = (place.map { members[$0].value } ?? .object([])).setting(path.dropFirst(), to: value)
            new = inner == .object([]) ? .none : inner
        }
        if let new, let place {
            members[place] = Member(key, new)
        } else if let new {
            members.append(Member(key, new))
        } else if let place {
            members.remove(at: place)
        }
        return .object(members)
    }
}
