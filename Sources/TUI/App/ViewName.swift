/// The views, by the digit that opens them.
public enum ViewName: Int, CaseIterable, Hashable, Sendable {
    /// Layers, where the bits go, the inspector.
    case network = 1
    /// Findings, why, fixes, the chips side by side.
    case rules = 2
    /// Histograms of all layers, one of them large; clips and factors.
    case ranges = 3
    /// Loss, ranges, saturation, the log of a run.
    case train = 4
    /// Runs side by side.
    case compare = 5

    /// The word on its tab.
    public var title: String {
        switch self {
        case .network: "Network"
        case .rules: "Rules"
        case .ranges: "Ranges"
        case .train: "Train"
        case .compare: "Compare"
        }
    }
}
