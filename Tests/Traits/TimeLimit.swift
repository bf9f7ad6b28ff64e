import Dispatch
import Synchronization
public import Testing

/// Ends the test process where a test runs longer than a number of minutes, and says which test it is.
///
/// The limit of Swift Testing also counts the time that a test waits for a free core. All tests are started together, so that
/// on a machine with few cores tests would exceed it that take a moment. This one begins with the test's first statement, and
/// a test that has used it up ends the process only when no test at all has ended for some minutes: a test that waits for
/// tasks of its own resumes behind all others. A test that hangs in a call cannot be stopped alone, so the process ends,
/// with a backtrace of each thread.
public struct TimeLimit: SuiteTrait, TestTrait, TestScoping {
    /// The longest that a test may run; of several limits the longest counts.
    public let minutes: Int

    public var isRecursive: Bool { true }

    /// Gets a thread of its own from the system, however busy the others are.
    private static let queue = DispatchQueue(label: "magikbench.tests.limits")
    /// Test cases that have ended.
    private static let ended = Atomic(0)
    /// Minutes without the end of any test after which a test over its limit is held to hang.
    private static let patience = 5

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let longest = test.traits.compactMap { ($0 as? TimeLimit)?.minutes }.max() ?? minutes
        let name = "\(test.displayName ?? test.name), \(test.sourceLocation)"
        let timer = DispatchSource.makeTimerSource(queue: TimeLimit.queue)
        timer.schedule(
            deadline: .now() + .seconds(60 * longest), repeating: .seconds(60 * TimeLimit.patience))
        // -1: the limit is not used up yet.
        let before = Atomic(-1)
        timer.setEventHandler {
            let now = TimeLimit.ended.load(ordering: .relaxed)
            guard before.exchange(now, ordering: .relaxed) == now else { return }
            fatalError("a test runs longer than \(longest) minutes, and no other has ended since: \(name)")
        }
        timer.activate()
        defer {
            timer.cancel()
            TimeLimit.ended.add(1, ordering: .relaxed)
        }
        try await function()
    }
}

extension Trait where Self == TimeLimit {
    /// A quarter of an hour for each test: nearly all need seconds, but machines may be slow and shared.
    public static var limited: TimeLimit { .limited(minutes: 15) }

    /// A longer limit, for tests that train, or run every command of a page.
    public static func limited(minutes: Int) -> TimeLimit { TimeLimit(minutes: minutes) }
}
