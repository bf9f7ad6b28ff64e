/// The process that writes a run.
public struct RunProcess: Hashable, Sendable {
    /// The name of its machine.
    public var host: String
    /// Its number there.
    public var number: Int
    /// When it was started, in the kernel's ticks since the machine was, where the system says so.
    public var startTime: Int?

    /// A process by its numbers.
    public init(host: String, number: Int, startTime: Int?) {
        self.host = host
        self.number = number
        self.startTime = startTime
    }

    /// This process.
    public static var current: RunProcess {
        let number = System.process
        return RunProcess(
            host: System.host, number: number, startTime: System.startTime(ofProcess: number))
    }

    /// Whether the process is still there, or nil where it is another machine's.
    public var isAlive: Bool? {
        guard host == System.host else { return nil }
        guard System.hasProcess(number), !System.isOver(process: number) else { return false }
        return startTime == nil || startTime == System.startTime(ofProcess: number)
    }
}
