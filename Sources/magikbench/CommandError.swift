import Devices
import Editing
import Graph
import Sessions

/// Why a command cannot do what it was asked for. Each is one line on standard error, and exit code 2.
enum CommandError: Error {
    /// No command has that name, but one is near.
    case noSuchCommand(String, nearest: String)
    /// A session or network file cannot be opened, made or saved.
    case session(SessionError)
    /// No sample has that name.
    case sample(SampleError)
    /// No chip has that name.
    case noSuchDevice(String)
    /// An assignment of `set` cannot be made.
    case assignment(AssignmentError)
    /// A run cannot begin or go on, or an evaluation cannot be made; the engine says why.
    case failure(String)
    /// The network file was there a moment ago and cannot be read now.
    case unreadable(String, reason: String)
}

extension CommandError: CustomStringConvertible {
    /// What is wrong and what would be right.
    var description: String {
        switch self {
        case .noSuchCommand(let name, let nearest):
            "no command is named '\(name)'" + didYouMean(nearest)
        case .session(let error): "\(error)"
        case .sample(let error): "\(error)"
        case .noSuchDevice(let name): Device.unknown(name)
        case .assignment(let error): "\(error)"
        case .failure(let reason): reason
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        }
    }
}

extension Session {
    /// Opens a session or a network file by itself, for a command.
    static func opened(_ path: String) throws(CommandError) -> Session {
        do {
            return try open(path)
        } catch {
            throw .session(error)
        }
    }
}

extension Device {
    /// The chip of a typed name, in any case.
    static func named(_ name: String) throws(CommandError) -> Device {
        guard let device = Device(name: name) else { throw .noSuchDevice(name) }
        return device
    }

    /// The chips of several names or lists of names, each once; "all" is every chip.
    static func named(_ names: [String]) throws(CommandError) -> [Device] {
        var devices: [Device] = []
        for name in names.flatMap({ $0.split(separator: ",").map(String.init) }) {
            let meant = name.lowercased() == "all" ? Device.allCases : [try named(name)]
            devices += meant.filter { !devices.contains($0) }
        }
        return devices
    }
}
