import Foundation
import Graph
import QAT
import Runs
import Sessions
import TestSupport
import Weights

/// Records a run without end, until it is killed: the victim of the tests of the run store.
///
/// Usage: RunChild SESSION SEED. Prints the run's name, then a line after each flush with the last step in it.
/// With `lock` for the seed it holds the session's lock instead, says whether it got it, and waits to be killed.
@main
struct RunChild {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 3, arguments[2] == "lock" { return hold(arguments[1]) }
        guard arguments.count == 3, let seed = UInt64(arguments[2]) else {
            throw FixtureError("usage: RunChild SESSION SEED")
        }
        let store = try RunStore.openForWriting(session: arguments[1])
        let writer = try store.begin(
            RunRecord(
                plan: ["steps": 1_000_000], seed: seed, data: "glyphs", digest: "", network: "{}",
                device: "T40"))
        say(writer.run)
        var random = SeededGenerator(seed: seed)
        for step in 0... {
            try writer.add(
                .metrics(
                    RunMetrics(
                        step: step, epoch: 0, loss: Double(step), accuracy: nil, learningRate: 0.1,
                        imagesPerSecond: 1)))
            if random.below(10) == 0 { try writer.add(.histogram(histogram(step))) }
            if random.below(20) == 0 {
                let weights = Safetensors(
                    [.init("weight", [Float](repeating: Float(step), count: 10_000))],
                    metadata: ["step": "\(step)"])
                try writer.save(weights, as: .last, step: step, epoch: 0)
                say("\(step)")
            } else if random.below(4) == 0 {
                try writer.flush()
                say("\(step)")
            }
        }
    }

    private static func histogram(_ step: Int) -> RunHistogram {
        RunHistogram(
            step: step, layer: "conv0", tensor: .weight, low: -1, high: 1,
            counts: [UInt32](repeating: UInt32(step), count: Observer.bins))
    }

    private static func hold(_ session: String) {
        let outcome = SessionLock.take(session: session, at: 1_800_000_000)
        if case .held = outcome { say("held") } else { say("taken") }
        while true { pause() }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
