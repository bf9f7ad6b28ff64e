/// What a screen shows of a session's runs at one moment.
public struct RunsSnapshot: Sendable {
    /// All runs, the newest first.
    public var runs: [RunSummary] = []
    /// The run that is shown: the chosen one, or the newest; nil where there is none.
    public var shown: RunSummary?
    /// Its curves.
    public var detail: RunDetail?
    /// The rows of a table of runs, the newest first; empty while runs are not compared.
    public var table: [RunFacts] = []
    /// The compared runs side by side; nil while runs are not compared.
    public var comparison: RunComparison?
    /// Why the store cannot be read, in a sentence; nil where it can.
    public var problem: String?

    /// Nothing known.
    public init() {}
}

/// A value at a step.
public struct CurvePoint: Hashable, Sendable {
    /// The step.
    public var x: Double
    /// The value; may be not a number.
    public var y: Double

    /// A value at a step.
    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
}
