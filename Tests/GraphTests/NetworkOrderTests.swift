import Graph
import TestTraits
import Testing

@Suite(.limited)
struct NetworkOrderTests {
    /// A network from wiring alone: each layer with the names that it reads; every name that is no layer is an input.
    private func network(_ wiring: KeyValuePairs<String, [String]>) throws -> Network {
        let layers = Set(wiring.map(\.key))
        var inputs: [String] = []
        for name in wiring.flatMap(\.value) where !layers.contains(name) && !inputs.contains(name) {
            inputs.append(name)
        }
        return try Network(
            inputs: inputs.map { Input($0, .vector(1)) },
            nodes: wiring.map { Node($0.key, Route().layer, inputs: $0.value.map { Source($0) }) })
    }

    private func names(_ indices: [Int], in network: Network) -> String {
        indices.map { network.nodes[$0].name }.joined(separator: " ")
    }

    @Test("each layer comes after all that it reads")
    func order() throws {
        let network = try network(["d": ["b", "c"], "c": ["a"], "b": ["a"], "a": ["image"]])
        let order = NetworkOrder(network)
        #expect(names(order.evaluation, in: network) == "a c b d")
        #expect(
            order.cyclic.isEmpty && order.blocked.isEmpty && order.unreachable.isEmpty
                && order.unreadInputs.isEmpty)
    }

    @Test("layers that could stand in any order stand in the file's")
    func stable() throws {
        let network = try network(["z": ["i"], "m": ["i"], "a": ["i"], "k": ["a"], "c": ["i"], "b": ["z"]])
        #expect(names(NetworkOrder(network).evaluation, in: network) == "z m a k c b")
    }

    @Test("readers and producers are listed, each reader once")
    func wiring() throws {
        let network = try network(["a": ["image"], "b": ["a", "image", "a"], "c": ["b", "a"]])
        let order = NetworkOrder(network)
        #expect(order.readers == [[1, 2], [2], []])
        #expect(order.producers == [[nil], [0, nil, 0], [1, 0]])
    }

    @Test(
        "a cycle of any length is left out, and what reads from it is blocked", arguments: [1, 2, 3, 7, 1000])
    func cycles(length: Int) throws {
        let ring = (0..<length).map {
            Node("ring\($0)", Route().layer, inputs: ["image", Source("ring\(($0 + 1) % length)")])
        }
        let network = try Network(
            inputs: [Input("image", .vector(1))],
            nodes: [Node("before", Route().layer, inputs: ["image"])] + ring + [
                Node("after", Route().layer, inputs: ["ring0"]),
                Node("later", Route().layer, inputs: ["after", "before"]),
                Node("beside", Route().layer, inputs: ["before"]),
            ])
        let order = NetworkOrder(network)
        #expect(names(order.evaluation, in: network) == "before beside")
        #expect(order.cyclic == Array(1...length))
        #expect(names(order.blocked, in: network) == "after later")
        #expect(order.unreachable.isEmpty)
    }

    @Test("a layer between two cycles lies on neither")
    func betweenCycles() throws {
        let network = try network([
            "a": ["b", "image"], "b": ["a"], "between": ["b"], "c": ["d", "between"], "d": ["c"],
            "end": ["d"],
        ])
        let order = NetworkOrder(network)
        #expect(names(order.cyclic, in: network) == "a b c d")
        #expect(names(order.blocked, in: network) == "between end")
        #expect(order.evaluation.isEmpty)
    }

    @Test("cycles that share a layer are one")
    func sharedCycles() throws {
        let network = try network([
            "hub": ["left", "right"], "left": ["hub"], "right": ["hub"], "alone": ["image"],
        ])
        let order = NetworkOrder(network)
        #expect(names(order.cyclic, in: network) == "hub left right")
        #expect(names(order.evaluation, in: network) == "alone")
    }

    @Test("layers that no input reaches are named, in the file's order")
    func unreachable() throws {
        let network = try network(["d": ["c"], "c": [], "b": ["c", "image"], "a": ["image"]])
        let order = NetworkOrder(network)
        #expect(names(order.unreachable, in: network) == "d c")
        #expect(names(order.evaluation, in: network) == "c d b a")
    }

    @Test("inputs that nothing reads are named")
    func unreadInputs() throws {
        let network = try Network(
            inputs: ["a", "b", "c"].map { Input($0, .vector(1)) },
            nodes: [Node("layer", Route().layer, inputs: ["b"])])
        #expect(NetworkOrder(network).unreadInputs == [0, 2])
    }

    @Test("an empty network has an empty order")
    func empty() {
        let order = NetworkOrder(Network())
        #expect(order.evaluation.isEmpty && order.cyclic.isEmpty && order.readers.isEmpty)
    }

    @Test("the largest networks are ordered without recursion: a chain, a ring and a star")
    func large() throws {
        let count = Network.nodeLimit
        let chain = (0..<count).map {
            Node("n\($0)", Route().layer, inputs: [$0 == 0 ? "image" : Source("n\($0 - 1)")])
        }
        let inputs = [Input("image", .vector(1))]
        #expect(
            NetworkOrder(try Network(inputs: inputs, nodes: chain.reversed())).evaluation
                == Array((0..<count).reversed()))
        let ring = (0..<count).map { Node("n\($0)", Route().layer, inputs: [Source("n\(($0 + 1) % count)")]) }
        #expect(NetworkOrder(try Network(inputs: inputs, nodes: ring)).cyclic == Array(0..<count))
        let star = (0..<count).map { Node("n\($0)", Route().layer, inputs: ["n0"]) }
        let order = NetworkOrder(try Network(inputs: inputs, nodes: star))
        #expect(order.cyclic == [0] && order.blocked == Array(1..<count))
    }
}
