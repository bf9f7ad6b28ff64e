import Editing
import Foundation
package import Graph
import QAT
import Terminal

/// What training keeps of its speed while other processes keep the cores busy.
package struct BusyBenchmark {
    /// Which threads train.
    package enum Threads: String, CaseIterable {
        /// One.
        case one
        /// All that there are, always.
        case all
        /// As many as are fastest.
        case automatic
    }

    /// The medians of what was measured: milliseconds a step.
    struct Row {
        let threads: Threads
        let alone, busy: Double
    }

    let processes: Int
    let rows: [Row]

    /// Trains alone and beside so many busy processes in turn, `rounds` times, each for some seconds.
    package init(
        _ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int, seconds: Double,
        processes: Int
    ) throws {
        self.processes = processes
        Engine.useThreads(0)
        let steps = try TrainingSteps(
            Analysis(network, on: family), batch: batch, isQuantized: true, arithmetic: .best)
        try steps.run(3)
        let all = Engine.threads
        var balance = ThreadBalance(limit: all)
        func milliseconds(_ threads: Threads) throws -> Double {
            let clock = ContinuousClock()
            let begin = clock.now
            var count = 0
            while clock.now - begin < .seconds(seconds) {
                switch threads {
                case .one: Engine.activeThreads = 1
                case .all: Engine.activeThreads = all
                case .automatic: Engine.activeThreads = balance.active
                }
                let time = try steps.run(1)
                if threads == .automatic { balance.add(step: time / 1000) }
                count += 1
            }
            return (clock.now - begin) / .milliseconds(1) / Double(count)
        }
        var alone = Threads.allCases.map { _ in [Double]() }
        var busy = alone
        for _ in 0..<rounds {
            for (index, threads) in Threads.allCases.enumerated() {
                alone[index].append(try milliseconds(threads))
            }
            let load = try BusyProcesses(processes)
            for (index, threads) in Threads.allCases.enumerated() {
                busy[index].append(try milliseconds(threads))
            }
            load.end()
        }
        rows = Threads.allCases.indices.map {
            Row(threads: Threads.allCases[$0], alone: alone[$0].median, busy: busy[$0].median)
        }
    }

    /// What a row keeps of the speed that all threads have alone.
    private func kept(_ row: Row) -> Double {
        (rows.first { $0.threads == .all }?.alone ?? .nan) / row.busy
    }

    package var json: JSON {
        .object([
            .init("processes", .integer(processes)),
            .init(
                "rows",
                .array(
                    rows.map { row in
                        [
                            "threads": .string(row.threads.rawValue), "aloneMilliseconds": .number(row.alone),
                            "busyMilliseconds": .number(row.busy), "keptShare": .number(kept(row)),
                        ]
                    })),
        ])
    }

    package var text: String {
        let titles = ["alone, ms a step", "beside \(processes) processes", "kept of all alone"]
        let columns =
            [TextTable.Column(title: "threads")]
            + titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let cells = rows.map { row -> [TextTable.Cell] in
            [
                .init(row.threads.rawValue), .init(Figures.threeDigits(row.alone)),
                .init(Figures.threeDigits(row.busy)), .init(Figures.threeDigits(kept(row))),
            ]
        }
        return TextTable(columns: columns, rows: cells).lines().joined(separator: "\n")
    }
}

/// Processes that compute without end.
private final class BusyProcesses {
    private let processes: [Process]

    init(_ count: Int) throws {
        processes = try (0..<count).map { _ in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["yes"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return process
        }
    }

    func end() {
        for process in processes {
            process.terminate()
            process.waitUntilExit()
        }
    }

    deinit { end() }
}
