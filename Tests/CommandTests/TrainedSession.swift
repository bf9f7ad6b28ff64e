import TestSupport
import Testing

/// Runs a test with a session of a small network that two short epochs have trained, and the data it was trained on.
func withTrainedSession(_ body: (_ session: String, _ data: String) throws -> Void) throws {
    try withSmallSession { session, data in
        let run = try runProgram([
            "train", session, "--data", data, "--batch", "8", "--epochs", "2", "--threads", "1", "--json",
        ])
        #expect(run.code == 0, "\(run.errors)")
        try body(session, data)
    }
}
