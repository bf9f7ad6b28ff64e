public import Graph
import Platform
import Terminal

/// `config.json` in the user's configuration folder: what it sets, and what is wrong in it. What is wrong never keeps the
/// rest from holding.
public struct SettingsFile: Sendable {
    /// The settings that hold.
    public var settings = Settings()
    /// What is wrong in the file, in its order.
    public private(set) var problems: [SettingsProblem] = []
    /// Where the file is, or would be; nil where there is no home folder.
    public let path: String?
    /// Where each setting of the file stands in it.
    private(set) var places: [String: FilePlace] = [:]

    /// The longest file that is read.
    public static let sizeLimit = 1 << 20

    /// The standard, without a file.
    public init() { path = nil }

    /// Where the user's file is, or would be; nil where there is no home folder.
    public static var pathOfUser: String? { UserFolder.configuration.path.map { $0 + "/config.json" } }

    /// Reads the user's file; one that is not there sets nothing.
    public static func ofUser() -> SettingsFile {
        guard let path = pathOfUser else { return SettingsFile() }
        do {
            guard try Disk.kind(of: path) != nil else {
                return SettingsFile(bytes: Array("{}".utf8), path: path)
            }
            return SettingsFile(bytes: try Disk.read(path, limit: sizeLimit), path: path)
        } catch {
            return SettingsFile(unreadable: "\(error)", path: path)
        }
    }

    private init(unreadable reason: String, path: String) {
        self.path = path
        problems = [SettingsProblem(name: nil, place: nil, text: "cannot be read: \(reason)")]
    }

    /// Reads the bytes of a file.
    public init(bytes: [UInt8], path: String? = nil) {
        self.path = path
        let (json, found): (JSON, [[String]: FilePlace])
        do throws(FileError) {
            (json, found) = try JSON.withPlaces(bytes: bytes, limit: SettingsFile.sizeLimit)
        } catch {
            problems = [SettingsProblem(name: nil, place: nil, text: "\(error)")]
            return
        }
        guard case .object(let members) = json else {
            problems = [
                SettingsProblem(
                    name: nil, place: FilePlace(line: 1, column: 1),
                    text: "is \(json.kind); settings are an object: {\"theme\": \"dark\"}")
            ]
            return
        }
        for member in members {
            let place = found[[member.key]]
            switch member.key {
            case "keys": takeKeys(member.value, found, at: place)
            case "run": takeRun(member.value, found, at: place)
            default: take(member, at: place)
            }
        }
    }

    private mutating func take(_ member: JSON.Member, at place: FilePlace?) {
        guard let setting = Setting.all.first(where: { $0.name == member.key }) else {
            let names = Setting.all.map(\.name) + ["keys", "run"]
            return refuse(
                member.key, place,
                "is no setting" + didYouMean(member.key, among: names)
                    + "; there are \(names.joined(separator: ", "))")
        }
        places[member.key] = place
        if let problem = setting.take(member.value, &settings) { refuse(member.key, place, problem) }
    }

    mutating func refuse(_ name: String, _ place: FilePlace?, _ text: String) {
        problems.append(SettingsProblem(name: name, place: place, text: text))
    }
}

// The settings that are tables of their own.
extension SettingsFile {
    /// {"fix": "x", "undo": ["Ctrl-G", "u"]}
    private mutating func takeKeys(_ json: JSON, _ found: [[String]: FilePlace], at place: FilePlace?) {
        guard case .object(let members) = json else {
            return refuse("keys", place, "is \(json.kind); it is an object: {\"fix\": \"x\"}")
        }
        var wanted: [(command: String, keys: [Key])] = []
        for member in members {
            let name = "keys." + member.key
            let place = found[["keys", member.key]]
            guard Command.named(member.key) != nil else {
                refuse(
                    name, place,
                    "no command is named '\(member.key)'"
                        + didYouMean(member.key, among: Command.all.map(\.name)) + "; docs/keys.md lists them"
                )
                continue
            }
            var keys: [Key] = []
            for word in member.value.words ?? [""] {
                if let key = Key(name: word) {
                    keys.append(key)
                } else {
                    refuse(
                        name, place,
                        "'\(word)' is no key; a key is a character, or a word such as Ctrl-S, F5, Space, PgUp"
                    )
                }
            }
            guard !keys.isEmpty || member.value == .array([]) else { continue }
            places[name] = place
            wanted.append((member.key, keys))
        }
        let (map, conflicts) = KeyMap.with(wanted)
        settings.keyMap = map
        for (command, _) in wanted {
            let name = "keys." + command
            let keys = map.commands.first { $0.name == command }?.keys
            if let conflict = conflicts[command] { refuse(name, places[name], conflict) }
            if keys == Command.named(command)?.keys {
                // Nothing but the table's keys is left.
                places[name] = nil
            } else {
                settings.keys[command] = keys
            }
        }
    }

    /// {"epochs": 20, "optimizer": "adam"}
    private mutating func takeRun(_ json: JSON, _ found: [[String]: FilePlace], at place: FilePlace?) {
        guard case .object(let members) = json else {
            return refuse("run", place, "is \(json.kind); it is an object: {\"epochs\": 20}")
        }
        for member in members {
            let name = "run." + member.key
            let place = found[["run", member.key]]
            let options = OptionForm.runOptions
            guard let option = options.first(where: { $0.option == "--" + member.key }) else {
                let names = options.map { String($0.option.dropFirst(2)) }
                refuse(
                    name, place,
                    "new runs have no option '\(member.key)'" + didYouMean(member.key, among: names)
                        + "; there are \(names.joined(separator: ", "))")
                continue
            }
            guard let value = member.value.word, !value.isEmpty else {
                refuse(name, place, "is \(member.value.kind); it is a text or a number")
                continue
            }
            if !option.choices.isEmpty, !option.choices.contains(value) {
                refuse(name, place, "'\(value)' is none of \(option.choices.joined(separator: ", "))")
                continue
            }
            places[name] = place
            settings.runOptions[option.option] = value == option.standard ? "" : value
        }
    }
}

extension JSON {
    /// The words that this is: a text, or a list of texts; nil for anything else.
    fileprivate var words: [String]? {
        switch self {
        case .string(let word): return [word]
        case .array(let values):
            var words: [String] = []
            for value in values {
                guard case .string(let word) = value else { return nil }
                words.append(word)
            }
            return words
        case .null, .boolean, .integer, .number, .object: return nil
        }
    }

    /// A text, or a number or "on" or "off" as a text; nil for anything else.
    fileprivate var word: String? {
        switch self {
        case .string(let word): word
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let isOn): isOn ? "on" : "off"
        case .null, .array, .object: nil
        }
    }
}

/// What is wrong with a setting.
public struct SettingsProblem: Hashable, Sendable {
    /// The setting: "theme", "keys.fix"; nil where it is the file as a whole.
    public let name: String?
    /// Where it is in the file; nil where the text says it, or it is nowhere.
    public let place: FilePlace?
    /// What is wrong and what would be right.
    public let text: String
}

extension SettingsProblem: CustomStringConvertible {
    /// "config.json: line 3, column 5: theme: ...", on one line.
    public var description: String {
        (["config.json", place.map { "\($0)" }, name].compactMap { $0 } + [text]).joined(separator: ": ")
            .oneLine(upTo: 400)
    }
}
