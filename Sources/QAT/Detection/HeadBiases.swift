import Foundation
import Graph

extension ParameterStore {
    /// Lets the heads of a new detector begin with few boxes: nearly all cells hold nothing, and a head that begins at one half
    /// everywhere spends its first epochs on learning that (Lin et al. 2017, section 4.1).
    func beginRare(_ task: NetworkTask) {
        guard case .detection(let task) = task else { return }
        let classes = task.classes.count
        for head in task.heads {
            switch head {
            case .yolov3(let anchored), .yolov5(let anchored):
                let size = 5 + classes
                for anchor in anchored.anchors.indices {
                    let first = anchored.layer.firstChannel + anchor * size
                    setBias(of: anchored.layer.layer, first + 4, to: Self.rare)
                }
            case .ssd(let prior):
                for index in prior.priors.indices {
                    let first = prior.scores.firstChannel + index * (classes + 1)
                    setBias(of: prior.scores.layer, first, to: -Self.rare)
                    for channel in 1...classes { setBias(of: prior.scores.layer, first + channel, to: 0) }
                }
            case .distances(let distance):
                if let objectness = distance.objectness {
                    setBias(of: objectness.layer, objectness.firstChannel, to: Self.rare)
                } else {
                    for channel in 0..<classes {
                        setBias(
                            of: distance.scores.layer, distance.scores.firstChannel + channel, to: Self.rare)
                    }
                }
            }
        }
    }

    /// The score of one cell in a hundred.
    private static let rare = -Float(log(99.0))

    private func setBias(of layer: String, _ channel: Int, to value: Float) {
        guard
            let entry = layout.parameters.first(where: { $0.layer == layer && $0.role == .parameter(.bias) }),
            channel < entry.count
        else { return }
        values[entry.offset + channel] = value
    }
}
