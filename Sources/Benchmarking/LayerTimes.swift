import Editing
import QAT
import Terminal

/// What each layer of a step takes on the calling thread, forward and backward, and how much of it products take.
struct LayerTimes {
    private struct Row {
        var layer: String
        /// Milliseconds.
        var forward = 0.0
        var backward = 0.0
        /// Milliseconds of the products that were measured alone; the smaller ones were not.
        var products = 0.0

        var all: Double { forward + backward }
    }

    private var rows: [Row] = []

    /// Milliseconds of all layers, and of their measured products.
    var sum: (all: Double, products: Double) {
        (rows.reduce(0) { $0 + $1.all }, rows.reduce(0) { $0 + $1.products })
    }

    init(_ kernels: KernelTimes, _ choices: [ProductChoice]) {
        var places: [String: Int] = [:]
        for (index, layer) in kernels.layers.enumerated() {
            let place = places[layer] ?? rows.count
            if place == rows.count { rows.append(Row(layer: layer)) }
            places[layer] = place
            rows[place].forward += kernels.forward[index]
            rows[place].backward += kernels.backward[index]
        }
        for choice in choices {
            guard let place = places[choice.layer], let time = choice.milliseconds[choice.method] else {
                continue
            }
            rows[place].products += time
        }
    }

    /// A table, in the order of the network.
    var text: String {
        let width = max(5, rows.map(\.layer.count).max() ?? 0)
        func line(_ layer: String, _ cells: [String]) -> String {
            layer.padded(to: width) + cells.map { "  " + $0.indented(to: 9) }.joined()
        }
        let sum = sum
        var lines = [line("layer", ["forward", "backward", "products", "share"]) + "  ms"]
        lines += rows.map { row in
            line(
                row.layer,
                [row.forward, row.backward, row.products].map(Figures.threeDigits)
                    + ["\(Figures.threeDigits(100 * row.all / sum.all)) %"])
        }
        lines.append(
            "layers take \(Figures.threeDigits(sum.all)) ms of the calling thread, "
                + "products that were measured alone \(Figures.threeDigits(sum.products))")
        return lines.joined(separator: "\n")
    }
}
