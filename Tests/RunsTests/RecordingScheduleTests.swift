import TestTraits
import Testing

@testable import Runs

@Suite("When a run's histograms are kept", .limited)
struct RecordingScheduleTests {
    @Test("a short run keeps several histograms, a long one every 15 seconds")
    func pauses() {
        var kept = [Duration.zero]
        func next(_ last: Duration) -> Duration { last + RecordingSchedule.pause(after: last) }
        while let last = kept.last, last < .seconds(120) { kept.append(next(last)) }
        #expect(kept.count { $0 <= .seconds(10) } == 6)
        #expect(kept.count { $0 <= .seconds(60) } == 14)
        #expect(RecordingSchedule.pause(after: .seconds(60)) == .seconds(15))
        #expect(RecordingSchedule.pause(after: .seconds(6000)) == .seconds(15))
    }
}
