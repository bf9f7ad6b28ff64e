import Foundation
import GRDB
import Graph
import Runs
import Sessions

/// A training run of the real program that is killed at random moments and gone on with, until it is done.
///
/// It has three stages of two epochs on few images, so that every part of a run comes often: steps, evaluations,
/// checkpoints, and the saving of weights.
public struct KillTrial {
    /// What a run was at when it was killed, by what it had said last.
    public enum Phase: String, CaseIterable, Sendable {
        /// It had said nothing yet.
        case starting
        /// It was between two steps of an epoch.
        case training
        /// An epoch's last step was done.
        case evaluating
        /// An evaluation was done.
        case checkpointing
        /// The last checkpoint was done, and the weights were to be saved.
        case saving
    }

    /// What came of a session.
    public struct Outcome: Sendable {
        /// Where the kills hit.
        public var kills: [Phase] = []
        /// How often there was nothing recorded yet, so that the run was begun again.
        public var restarts = 0
        /// What is not as it should be.
        public var complaints: [String] = []
    }

    private let program: BuiltProgram
    private let expected: Data
    private let losses: [Double]

    private static let epochSteps = 9
    private static let epochs = 6
    private static let options = [
        "--data", "glyphs,limit=96,validation=0.25", "--batch", "8", "--recipe", "32,8,4", "--epochs", "2",
        "--seed", "3",
    ]
    private static let output = ["--threads", "1", "--json"]

    /// Runs the program once without a kill: all others must end with the same.
    public init(_ program: BuiltProgram) throws {
        self.program = program
        (expected, losses) = try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder).path
            let run = try program.run(["train", session] + KillTrial.options + KillTrial.output)
            guard run.code == 0 else { throw FixtureError("the run fails by itself: \(run.errors)") }
            return (try KillTrial.weights(of: session), try KillTrial.losses(of: session))
        }
    }

    /// Kills the runs of a new session up to `most` times, at moments that the seed decides.
    public func run(seed: UInt64, most: Int) throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        return try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder).path
            var outcome = Outcome()
            while outcome.kills.count < most {
                guard let phase = try kill(session, &random, &outcome) else { break }
                outcome.kills.append(phase)
                try check(session, &outcome)
            }
            let last = try program.run(arguments(session, &outcome))
            if last.code != 0, !last.errors.contains("is finished") {
                outcome.complaints.append("the last run ends with \(last.code): \(last.errors)")
            } else {
                try compare(session, &outcome)
            }
            return outcome
        }
    }

    /// Starts or resumes the run and kills it; nil where it was done before.
    private func kill(
        _ session: String, _ random: inout SeededGenerator, _ outcome: inout Outcome
    ) throws -> Phase? {
        let aim = Phase.allCases[random.below(Phase.allCases.count)]
        var left = aim == .starting ? 0 : 1 + random.below(aim == .training ? 2 * KillTrial.epochSteps : 2)
        let child = try ProgramChild(program, arguments(session, &outcome))
        var place = Place()
        while left > 0, let line = child.line() {
            place.note(try JSON(text: line))
            if place.phase == aim { left -= 1 }
        }
        // A random moment, within what comes next.
        usleep(UInt32(random.below(aim == .starting ? 60_000 : 3000)))
        child.signal(SIGKILL)
        while let line = child.line() {
            // The kill may have come in the middle of a line.
            guard line.hasSuffix("}") else { break }
            place.note(try JSON(text: line))
        }
        return child.wait() == SIGKILL ? place.phase : nil
    }

    /// Where a run is, by what it said.
    private struct Place {
        var phase = Phase.starting
        private var isLast = false

        mutating func note(_ event: JSON) {
            switch event["event"] {
            case "start": phase = .training
            case "step":
                guard case .integer(let step)? = event["step"] else { return }
                phase = step.isMultiple(of: epochSteps) ? .evaluating : .training
            case "evaluation":
                isLast = event["epoch"] == .integer(epochs)
                phase = .checkpointing
            case "checkpoint": phase = isLast ? .saving : .training
            default: return
            }
        }
    }

    /// What to call the program with: a new run where none is recorded yet.
    private func arguments(_ session: String, _ outcome: inout Outcome) throws -> [String] {
        let isRecorded = try RunStore.openForReading(session: session)?.runs().isEmpty == false
        if !isRecorded, !outcome.kills.isEmpty { outcome.restarts += 1 }
        return ["train", session] + (isRecorded ? ["--resume", "last"] : KillTrial.options) + KillTrial.output
    }

    /// Whether the session is whole after a kill.
    private func check(_ session: String, _ outcome: inout Outcome) throws {
        let show = try program.run(["show", session, "--json"])
        if show.code != 0 { outcome.complaints.append("show ends with \(show.code): \(show.errors)") }
        let store = session + "/" + RunFiles.store
        if FileManager.default.fileExists(atPath: store) {
            let found = try DatabaseQueue(path: store).read {
                try String.fetchAll($0, sql: "PRAGMA integrity_check")
            }
            if found != ["ok"] { outcome.complaints.append("integrity_check says \(found)") }
        }
        if FileManager.default.fileExists(atPath: session + "/" + Session.weightsFileName),
            try KillTrial.weights(of: session) != expected
        {
            outcome.complaints.append("there are weights that are not the run's")
        }
    }

    /// Whether the run ended as the one without a kill.
    private func compare(_ session: String, _ outcome: inout Outcome) throws {
        if try KillTrial.weights(of: session) != expected { outcome.complaints.append("the weights differ") }
        let found = try KillTrial.losses(of: session)
        if let place = (0..<max(found.count, losses.count)).first(where: { index in
            !found.indices.contains(index) || !losses.indices.contains(index) || found[index] != losses[index]
        }) {
            outcome.complaints.append(
                "the recorded losses differ: \(found.count) numbers instead of \(losses.count), the first at \(place)"
            )
        }
        let names = try FileManager.default.subpathsOfDirectory(atPath: session)
        let left = names.filter { $0.contains(".tmp-") }
        if !left.isEmpty { outcome.complaints.append("files stay behind: \(left)") }
    }

    private static func weights(of session: String) throws -> Data {
        try Data(contentsOf: URL(filePath: session + "/" + Session.weightsFileName))
    }

    /// The losses of all steps and evaluations, in their order.
    private static func losses(of session: String) throws -> [Double] {
        guard let store = try RunStore.openForReading(session: session), let run = try store.runs().last
        else {
            throw FixtureError("no run is recorded")
        }
        return try store.metrics(of: run.id).flatMap { [Double($0.step), $0.loss] }
            + store.evaluations(of: run.id).flatMap { [Double($0.step), $0.loss, $0.accuracy ?? -1] }
    }
}
