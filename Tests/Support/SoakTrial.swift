import Foundation
import Graph
import Sessions

/// A long training run of the real program whose memory is watched.
public struct SoakTrial {
    /// Steps and the resident bytes after them.
    public let samples: [(step: Int, bytes: Int)]

    /// The step after which memory must not grow.
    public static let start = 500
    /// What the allocator may take and give back at any time.
    public static let allowance = 1 << 20

    /// Trains so many steps with evaluations and checkpoints.
    public init(_ program: BuiltProgram, steps: Int) throws {
        samples = try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder).path
            let child = try ProgramChild(
                program,
                [
                    "train", session, "--data", "glyphs,limit=640,validation=0.25", "--batch", "8", "--steps",
                    "\(steps)", "--epochs", "\(steps)", "--threads", "1", "--json",
                ])
            var samples: [(step: Int, bytes: Int)] = []
            while let line = child.line() {
                let event = try JSON(text: line)
                guard event["event"] == "step", case .integer(let step)? = event["step"],
                    step.isMultiple(of: SoakTrial.start), step < steps
                else { continue }
                samples.append((step, try SoakTrial.residentBytes(of: child.number)))
            }
            let code = child.wait()
            guard code == 0, samples.count > 1 else { throw FixtureError("exit \(code): \(child.errors)") }
            return samples
        }
    }

    /// How far the memory went above that of the first sample.
    public var growth: Int {
        let first = samples.first?.bytes ?? 0
        return samples.map { $0.bytes - first }.max() ?? 0
    }

    private static func residentBytes(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard
            let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw FixtureError("the system does not say how much memory a process has") }
        return kilobytes << 10
    }
}
