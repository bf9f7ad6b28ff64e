import Graph

/// Maxpool2D, AdaptiveAvgpool2D and Unpool2D.
enum PoolingRules {
    static let all: [Rule] = [
        Rule(
            "maxpool-window", on: [.t02], for: [.maxpool2D],
            says: "T02 pools 2x2 with stride 2 and padding 0.",
            source: .manual("note"), keeps: { _ in "pools 2x2 with stride 2" }
        ) { context in
            guard case .maxpool2D(let pool) = context.layer, pool.window != Maxpool2D().window else {
                return nil
            }
            let window = pool.window
            return Violation(
                "pools \(window.height)x\(window.width) with stride \(window.stride) and padding \(window.padding)",
                fix: context.set([
                    ("kernelHeight", .integer(2)), ("kernelWidth", .integer(2)), ("stride", .integer(2)),
                    ("padding", .integer(0)),
                ]))
        },
        Rule(
            "adaptive-pool-last", on: [.t02], for: [.adaptiveAvgpool2D],
            says: "T02 has AdaptiveAvgpool2D only as the last layer.", source: .manual("note 2"),
            keeps: { _ in "is the last layer" }
        ) { context in
            guard !context.facts.isLast else { return nil }
            let readers = context.analysis.order.readers[context.index].map {
                context.analysis.network.nodes[$0].name
            }
            return Violation("is read by " + readers.map { "'\($0)'" }.joined(separator: ", "))
        },
        Rule(
            "unpool-window", on: [.t02], for: [.unpool2D], says: "T02 unpools 2x2 only.",
            source: .kit("kernel_h"), keeps: { _ in "unpools 2x2" }
        ) { context in
            guard case .unpool2D(let unpool) = context.layer,
                unpool.kernelHeight != 2 || unpool.kernelWidth != 2
            else {
                return nil
            }
            return Violation("unpools \(unpool.kernelHeight)x\(unpool.kernelWidth)")
        },
        Rule(
            "unpool-bilinear", for: [.unpool2D], says: "A bilinear Unpool2D is the last layer.",
            source: .kit("mode"),
            keeps: { context in context.layer.value(of: "mode").map { "has the mode \($0)" } }
        ) { context in
            guard case .unpool2D(let unpool) = context.layer, unpool.mode == .bilinear, !context.facts.isLast
            else {
                return nil
            }
            return Violation("is bilinear in mid-network", fix: context.set("mode", .choice("nearest")))
        },
    ]
}
