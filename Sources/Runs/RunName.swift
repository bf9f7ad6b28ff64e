import Graph

/// Names of runs as people type them.
public enum RunName {
    /// The run that a text names: all of a name, "last", or as much of its begin or end as no other run has: "143012",
    /// "x7", "143012-x7". `runs` are all runs, the newest first; `store` is named where there is no such run.
    public static func resolved(
        _ text: String, among runs: [RunRecord], in store: String
    ) throws(RunStoreError) -> RunRecord {
        if let exact = runs.first(where: { $0.id == text }) { return exact }
        if text == "last", let newest = runs.first { return newest }
        let found = runs.filter { !text.isEmpty && fits(text, $0.id) }
        if found.count == 1 { return found[0] }
        guard found.isEmpty else { throw .unclear(text, found.prefix(4).map(\.id)) }
        let names = runs.flatMap { [$0.id, short($0.id)] }
        throw .noRun(text, store: store, nearest: nearest(to: text, among: names))
    }

    /// The name without what all runs share: "143012-x7" of "2026-11-25-143012-x7".
    static func short(_ id: String) -> String {
        let parts = id.split(separator: "-")
        return parts.count > 2 ? parts.suffix(2).joined(separator: "-") : id
    }

    private static func fits(_ text: String, _ id: String) -> Bool {
        id.hasPrefix(text) || short(id).hasPrefix(text) || id.hasSuffix("-" + text)
    }
}
