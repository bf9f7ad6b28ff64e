import Foundation

/// The program that tests run beside themselves, to kill it.
package final class RunChildProcess {
    private let process = Process()
    private let output = Pipe()
    private var pending: [UInt8] = []

    package init(session: String, task: String) throws {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = folder.appending(path: "RunChild")
        process.arguments = [session, task]
        process.standardOutput = output
        try process.run()
    }

    /// Its number.
    package var number: Int { Int(process.processIdentifier) }

    /// The next line that it prints; empty where it prints no more.
    package func line() -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return "" }
            pending += data
        }
    }

    /// Ends it without a word.
    package func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
