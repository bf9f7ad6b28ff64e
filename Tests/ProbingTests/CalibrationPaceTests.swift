import QAT
import TestTraits
import Testing

@testable import Probing

@Suite("The time that a calibration has left", .limited)
struct CalibrationPaceTests {
    @Test("the time that a step has left follows from the share that is done, once it has taken a second")
    func pace() {
        var pace = CalibrationPace()
        func left(_ step: Calibration.Progress.Step, _ share: Double, at time: Double) -> Double? {
            pace.timed(Calibration.Progress(step: step, share: share), at: time).left
        }
        #expect(left(.ranges, 0, at: 10) == nil && left(.ranges, 0.5, at: 10.5) == nil)
        #expect(left(.ranges, 0.25, at: 20) == 30)
        #expect(left(.correction, 0.5, at: 20) == nil && left(.correction, 0.5, at: 22) == 2)
    }

    @Test("the time that all steps have left is what was expected, corrected by the steps that are done")
    func paceInAll() {
        var pace = CalibrationPace()
        func left(_ step: Calibration.Progress.Step, _ share: Double, at time: Double) -> Double? {
            pace.timed(Calibration.Progress(step: step, share: share), at: time).leftInAll
        }
        #expect(left(.samples, 0.5, at: 0) == nil)
        pace.expected.seconds = [.channels: 4, .ranges: 10, .correction: 20]
        #expect(left(.channels, 0, at: 10) == 34 && left(.channels, 0, at: 12) == 32)
        // Channels took 9 seconds: about twice what was expected.
        #expect(left(.ranges, 0, at: 19) == 60 && left(.ranges, 0.5, at: 29) == 50)
        #expect(left(.correction, 0, at: 39) == 40)
        let words = pace.timed(Calibration.Progress(step: .correction, share: 0.5), at: 59).words
        #expect(words == "step 4 of 4, correction 50 %, about 20s left")
        #expect(Calibration.Progress.measuring.words == "timing a few samples")
        // The parts with large maps come first: half of the parts is most of the time.
        pace.expected.parts = [3, 6, 7, 8]
        let half = pace.timed(Calibration.Progress(step: .correction, share: 0.5), at: 54)
        #expect(half.share == 0.75 && half.leftInAll == 0.75 * 5 + 0.25 * 25)
        #expect(pace.expected.share(of: .correction, done: 0.125) == 0.1875)
        #expect(pace.expected.share(of: .correction, done: 1) == 1)
        #expect(pace.expected.share(of: .ranges, done: 0.5) == 0.5)
    }
}
