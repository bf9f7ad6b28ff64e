import Editing
import Graph
import Sessions
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct AssignmentCoverTests {
    private func applied(_ assignments: [FieldAssignment], to document: Document) throws -> Network {
        try AssignmentRun(assignments.map { try Assignment($0.text) }, on: document).document.network
    }

    @Test("patterns change exactly what the single assignments change", arguments: Samples.names)
    func same(name: String) throws {
        let document = try Samples.document(named: name)
        for (field, value) in [("kernelWidth", "5"), ("clip", "3.5"), ("quantize", "false")] {
            let layers = document.network.nodes.filter { $0.layer.value(of: field) != nil }.map(\.name)
            for some in [
                layers, layers.enumerated().filter { $0.offset % 3 > 0 }.map(\.element),
                Array(layers.prefix(5)),
            ] {
                let single = some.map { FieldAssignment(layer: $0, field: field, value: value) }
                let short = AssignmentCover.shortest(single, in: document.network)
                #expect(short.count <= single.count)
                #expect(try applied(short, to: document) == applied(single, to: document))
            }
        }
    }

    @Test("the same field of all layers is one pattern")
    func all() throws {
        let document = try Samples.document(named: "yolov5s-person")
        let layers = document.network.nodes.filter { $0.layer.value(of: "outChannels") != nil }
        let short = AssignmentCover.shortest(
            layers.map { FieldAssignment(layer: $0.name, field: "outChannels", value: "64") },
            in: document.network)
        #expect(short.map(\.text) == ["*.outChannels=64"])
    }

    @Test("a few assignments stay as they are")
    func few() throws {
        let document = try Samples.document(named: "network-t40")
        let three = ["conv0", "conv1", "conv2"].map {
            FieldAssignment(layer: $0, field: "stride", value: "2")
        }
        #expect(AssignmentCover.shortest(three, in: document.network) == three)
    }
}
