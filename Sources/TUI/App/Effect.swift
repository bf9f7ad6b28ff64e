public import Interchange
public import Probing
public import Runs
public import Terminal

/// What follows a save that succeeds.
public enum AfterSave: Hashable, Sendable {
    /// Nothing.
    case stay
    /// The program ends.
    case quit
    /// A run starts with these arguments of `magikbench train`, behind the session.
    case launch([String])
    /// A range test of learning rates starts with these arguments; the number is that of its answers.
    case testRates([String], number: Int)
}

/// What the program does outside of the screen's value.
public enum Effect: Sendable {
    /// Writes the document to the session's file; `asNew` makes a session, and refuses one that is there. What is to follow
    /// is done once it is saved.
    case save(path: String?, asNew: Bool, overwriting: Bool, then: AfterSave)
    /// Writes the recovery copy.
    case saveRecovery
    /// Says that changes of an earlier program were taken, or are not wanted.
    case resolveRecovery
    /// Opens a session, a sample, or an empty network in place of this one.
    case open(StartChoice)
    /// Measures the network anew.
    case probe
    /// Sweeps the network, in place of the previous sweep; the number is that of its answers.
    case sweep(SweepRequest.Setting, number: Int)
    /// Stops the sweep.
    case stopSweep
    /// Quantizes the network from data, in place of the previous calibration; the number is that of its answers.
    case calibrate(CalibrationOptions, number: Int)
    /// Stops the calibration.
    case stopCalibration
    /// Starts a run with these arguments of `magikbench train`, behind the session.
    case launch([String])
    /// Tries learning rates with these arguments of `magikbench train`, in place of the previous test; the number is that of its
    /// answers.
    case testRates([String], number: Int)
    /// Stops the range test.
    case stopRangeTest
    /// Pauses, goes on with, or stops a run.
    case signal(run: String, RunLauncher.Signal)
    /// Shows a run, or the newest.
    case attach(String?)
    /// Puts runs side by side; nil reads them no longer.
    case compare([String]?)
    /// Keeps a remark about a run.
    case noteRun(String, String)
    /// Removes a run and all that it recorded.
    case deleteRun(String)
    /// Reads pictures of the data set in place of those that were asked for before; nil reads none.
    case showPictures(PictureRequest?)
    /// Asks the network about samples in place of those that were asked about before; nil asks about none.
    case judge([Int], JudgeAsk?)
    /// Reads a network of another program; with what was typed where it is a program itself.
    case read(String, typed: String)
    /// Writes the network in a format, alone or with the host's part behind it.
    case export(format: ExportFormat, path: String, withHost: Bool)
    /// Writes the report of the session; refuses a file that is there unless it is to be overwritten.
    case report(path: String, overwriting: Bool)
    /// Gives a text to the terminal's clipboard.
    case copy(String)
    /// Names the terminal's window.
    case title(String)
    /// Tells the terminal that a run has ended.
    case notify(title: String, text: String)
    /// Reads the names in a folder, with those that begin with a dot or without.
    case list(folder: String, hidden: Bool)
    /// Draws everything anew.
    case redraw
    /// Goes back to the shell until it says go on.
    case suspend
    /// Takes the colours of a theme.
    case theme(Theme)
    /// Takes the mouse or leaves it to the terminal.
    case mouse(Bool)
    /// Ends the program.
    case leave
}
