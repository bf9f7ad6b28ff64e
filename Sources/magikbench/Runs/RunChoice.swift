import ArgumentParser
import Runs
import Sessions

/// The options of commands that read a session as one of its runs has left it.
struct RunChoice: ParsableArguments {
    @Option(help: ArgumentHelp("Take a run at its checkpoint, not the session.", valueName: "run"))
    var run: String?

    @Flag(help: "Of that run, take the checkpoint of its best evaluation.")
    var best = false

    func validate() throws {
        guard run != nil || !best else { throw ValidationError("--best is for --run") }
    }

    /// The session as the run has left it, where one is named; else as it is.
    func chosen(_ session: Session) throws(CommandError) -> Session {
        guard let run else { return session }
        do {
            return try session.asOf(run: run, best ? .best : .last)
        } catch let error as SessionError {
            throw .session(error)
        } catch {
            throw .failure("\(error)")
        }
    }
}
