public import Graph
public import Sessions

/// A training run: what was trained, where, and how it ended. Times are seconds since 1970, UTC.
public struct RunRecord: Hashable, Sendable {
    /// The name of the run and of its folder, such as "2026-11-25-143012-x7".
    public let id: String
    /// The training plan, as training wrote it.
    public var plan: JSON
    /// What all random numbers of the run come from.
    public var seed: UInt64
    /// What it trains on, as typed: "mnist:data/mnist,limit=1000".
    public var data: String
    /// The digest of the network, by which weights are known to be of it.
    public var digest: String
    /// The text of `network.json` when the run began.
    public var network: String
    /// The chip that the network was for.
    public var device: String
    /// Who writes the run.
    public var process: RunProcess
    /// What became of it.
    public var state = RunState.running
    /// Why it ended, where there is more to say than the state does.
    public var message: String?
    /// When it began.
    public var started: Double
    /// When it ended, or nil while it has not.
    public var ended: Double?
    /// When its process wrote last.
    public var heartbeat: Double
    /// Steps of the whole run, where nothing stops it early; nil where a version that did not count them began it.
    public var steps: Int?
    /// Steps in an epoch.
    public var stepsPerEpoch: Int?
    /// The user's remark about it, one line, if there is one.
    public var note: String?

    /// A run of this process, which begins now.
    public init(
        id: String? = nil, plan: JSON, seed: UInt64, data: String, digest: String, network: String,
        device: String
    ) {
        let now = System.now
        self.init(
            id: id ?? RunRecord.newID(at: now), plan: plan, seed: seed, data: data, digest: digest,
            network: network, device: device, process: .current, started: now)
    }

    /// A run of any process.
    init(
        id: String, plan: JSON, seed: UInt64, data: String, digest: String, network: String, device: String,
        process: RunProcess, started: Double
    ) {
        self.id = id
        self.plan = plan
        self.seed = seed
        self.data = data
        self.digest = digest
        self.network = network
        self.device = device
        self.process = process
        self.started = started
        heartbeat = started
    }

    /// A name for a run: the time on the wall, and two letters or digits by chance.
    static func newID(at time: Double) -> String {
        let signs = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let ending = (0..<2).map { _ in signs[Int.random(in: signs.indices)] }
        return System.wallTime(time) + "-" + String(ending)
    }

    /// Whether a text may name a run and so a folder: 1 to 64 letters, digits, '-', '_' and '.', no '.' first.
    public static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.first != "."
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.".utf8.contains(byte)
                }
            }
    }
}

/// What became of a run.
public enum RunState: String, Hashable, Sendable, CaseIterable {
    /// It has not ended, as far as it could write.
    case running
    /// It did what its plan says.
    case finished
    /// It was stopped, and can go on.
    case interrupted
    /// It could not go on; the message says why.
    case failed
}

/// Whether a run is still being written.
public enum RunLiveness: Hashable, Sendable {
    /// It is over.
    case ended
    /// Its process wrote a moment ago.
    case writing
    /// Its process is there and has not written for a while: paused, or busy with something long.
    case silent
    /// Its process is gone, or on another machine and has not written for a while.
    case stalled
}

extension RunRecord {
    /// Seconds without a write after which a run's process is checked.
    public static let patience = 15.0

    /// Whether the run is still being written, at a time.
    public func liveness(at now: Double) -> RunLiveness {
        guard state == .running else { return .ended }
        if now - heartbeat <= RunRecord.patience { return .writing }
        return process.isAlive == true ? .silent : .stalled
    }
}
