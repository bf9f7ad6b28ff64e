public import QAT

/// A calibration that runs on the probe's thread.
public struct CalibrationJob: Sendable {
    /// The result.
    public enum Update: Sendable {
        /// How far it is.
        case progress(Calibration.Progress)
        /// It is done.
        case done(CalibrationResult)
        /// It cannot be done: why, in a sentence.
        case failed(String)
    }

    /// Reads the samples and says what is to be quantized, on the worker's thread.
    var request: @Sendable ((Calibration.Progress) -> Bool) throws -> Calibration.Request
    /// Receives progress and the result, on the worker's thread; nothing after it was stopped.
    var tell: @Sendable (Update) -> Void

    /// A calibration and the receiver of its result.
    public init(
        request: @escaping @Sendable ((Calibration.Progress) -> Bool) throws -> Calibration.Request,
        tell: @escaping @Sendable (Update) -> Void
    ) {
        self.request = request
        self.tell = tell
    }

    /// Runs to the end, with all cores, or until `isStopped`.
    func run(isStopped: () -> Bool) {
        Engine.useThreads(0)
        do {
            var pace = CalibrationPace()
            func follow(_ progress: Calibration.Progress) -> Bool {
                guard !isStopped() else { return false }
                tell(.progress(pace.timed(progress)))
                return true
            }
            let calibration = try Calibration(try request(follow))
            guard follow(.measuring) else { return }
            pace.expected = try calibration.expectation()
            let result = try calibration.run(progress: follow)
            guard let result, !isStopped() else { return }
            tell(.done(result))
        } catch {
            if !isStopped() { tell(.failed("\(error)")) }
        }
    }
}
