/// The largest numbers that training takes, from options and from files: beyond what anybody trains, and small enough that
/// no product of them leaves a whole number.
public enum TrainingLimits {
    /// Epochs of a stage, and of patience.
    public static let epochs = 1 << 20
    /// Samples in a batch.
    public static let batch = 1 << 16
    /// Steps, samples and whatever else is counted.
    public static let count = 1 << 40
    /// Threads, and processes that share a batch.
    public static let threads = 1 << 9
    /// Stages of a plan.
    public static let stages = 1 << 10
}
