import Graph

/// Maxpool2D, AdaptiveAvgpool2D and Unpool2D.
enum PoolingRules {
    static let all: [Rule] = [
        Rule(
            "maxpool-window", on: [.t02], for: [.maxpool2D],
            says: "T02 pools 2x2 with stride 2 and padding 0.",
            source: .manual("note"), keeps: { _ in "pools 2x2 with stride 2" }
        ) { subject in
            guard case .maxpool2D(let pool) = subject.layer, pool.window != Maxpool2D().window else {
                return nil
            }
            let window = pool.window
            return Answer(
                "pools \(window.height)x\(window.width) with stride \(window.stride) and padding \(window.padding)",
                fix: subject.set([
                    ("kernelHeight", .integer(2)), ("kernelWidth", .integer(2)), ("stride", .integer(2)),
                    ("padding", .integer(0)),
                ]))
        },
        Rule(
            "adaptive-pool-last", on: [.t02], for: [.adaptiveAvgpool2D],
            says: "T02 has AdaptiveAvgpool2D only as the last layer.", source: .manual("note 2"),
            keeps: { _ in "is the last layer" }
        ) { subject in
            guard !subject.facts.isLast else { return nil }
            let readers = subject.analysis.order.readers[subject.index].map {
                subject.analysis.network.nodes[$0].name
            }
            return Answer("is read by " + readers.map { "'\($0)'" }.joined(separator: ", "))
        },
        Rule(
            "unpool-window", on: [.t02], for: [.unpool2D], says: "T02 unpools 2x2 only.",
            source: .kit("kernel_h"), keeps: { _ in "unpools 2x2" }
        ) { subject in
            guard case .unpool2D(let unpool) = subject.layer,
                unpool.kernelHeight != 2 || unpool.kernelWidth != 2
            else {
                return nil
            }
            return Answer("unpools \(unpool.kernelHeight)x\(unpool.kernelWidth)")
        },
        Rule(
            "unpool-bilinear", for: [.unpool2D], says: "A bilinear Unpool2D is the last layer.",
            source: .kit("mode"),
            keeps: { subject in subject.layer.value(of: "mode").map { "has the mode \($0)" } }
        ) { subject in
            guard case .unpool2D(let unpool) = subject.layer, unpool.mode == .bilinear, !subject.facts.isLast
            else {
                return nil
            }
            return Answer("is bilinear in mid-network", fix: subject.set("mode", .choice("nearest")))
        },
    ]
}
