import Devices
import Editing
import Graph
import Sessions
import TUI
import Terminal

/// How long quitting takes while the probe works: the program itself, on terminals of its own, at several moments behind its
/// first frame.
package struct QuitBenchmark {
    /// Milliseconds from the key to the end of the program, the longest of all moments, for every shipped sample.
    let samples: Double
    /// The sample that took it.
    let slowest: String
    /// The same for a network of 2,000 layers.
    let large: Double

    /// Layers of the large network.
    static let largeLayers = 2000
    /// Seconds behind the first frame at which the key is typed: the probe reads, prepares, computes and diagnoses.
    private static let (moments, largeMoments) = ([0, 0.3], [0, 0.3, 2])

    /// Measures all samples and the large network.
    package init(program: String) throws {
        var found: [(time: Double, name: String)] = []
        for name in Samples.names {
            let document = try Samples.document(named: name)
            found.append((try QuitBenchmark.longest(document, program), name))
        }
        guard let last = found.max(by: { $0.time < $1.time }) else {
            preconditionFailure("samples come with the program")
        }
        (samples, slowest) = last
        let network = try SyntheticNetwork.network(layers: QuitBenchmark.largeLayers)
        large = try QuitBenchmark.longest(
            Document(network: network, device: .t40), program, at: QuitBenchmark.largeMoments)
    }

    private static func longest(
        _ document: Document, _ program: String, at moments: [Double] = moments
    ) throws -> Double {
        let word = LastWord(
            of: ScreenState(EditorState(document, name: "bench"), size: FrameBenchmark.size).picture)
        return try BenchSession.with(document) { session in
            try moments.map { moment in
                let terminal = try BlankTerminal(FrameBenchmark.size)
                let process = try terminal.start(program, [session])
                guard terminal.read(until: word.text, times: word.count, seconds: 60) != nil else {
                    terminal.end(process)
                    throw BenchmarkError("the program shows no frame")
                }
                let end = MonotonicClock.now + moment
                while MonotonicClock.now < end { _ = terminal.read(milliseconds: 10) }
                guard let time = terminal.end(process, typing: "q") else {
                    throw BenchmarkError("the program does not end")
                }
                return time
            }.max() ?? 0
        }
    }
}
