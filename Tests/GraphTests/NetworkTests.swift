import Graph
import TestTraits
import Testing

@Suite(.limited)
struct NetworkTests {
    private let network: Network

    init() throws {
        network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8)), Input("words", .vector(4))],
            nodes: [
                Node("a", Maxpool2D().layer, inputs: ["image"]), Node("b", Maxpool2D().layer, inputs: ["a"]),
                Node("split", ChannelSplit().layer, inputs: ["b"]),
                Node("join", Route().layer, inputs: ["a", Source("split", output: 1), "a", "split"]),
            ])
    }

    @Test("a name leads to its layer or input")
    func lookUp() {
        #expect(network.place(of: "image") == .input(0) && network.place(of: "words") == .input(1))
        #expect(network.place(of: "b") == .node(1) && network.index(of: "b") == 1)
        #expect(network["split"]?.kind == .channelSplit)
        #expect(network["image"] == nil && network.index(of: "image") == nil && network.place(of: "c") == nil)
        #expect(network.names == ["image", "words", "a", "b", "split", "join"])
        #expect(network.readers(of: "a").map(\.name) == ["b", "join"])
        #expect(network.readers(of: "join").isEmpty)
    }

    @Test("a free name is the stem or the stem with the first free number")
    func freeName() throws {
        #expect(network.freeName("conv") == "conv")
        #expect(network.freeName("a") == "a2")
        #expect(try network.applying(.rename("b", to: "a2")).freeName("a") == "a3")
    }

    @Test("a free name of a stem that is too long for a name is one all the same")
    func longStem() throws {
        let stem = String(repeating: "block.", count: 12) + "positive"
        let free = network.freeName(stem)
        #expect(Network.isName(free) && free.hasPrefix("block.block.") && free.hasSuffix(".positive"))
        let next = try network.applying(.rename("b", to: free)).freeName(stem)
        #expect(Network.isName(next) && next == free + "2")
    }

    @Test("a name is used once among layers and inputs", arguments: ["a", "image"])
    func uniqueNames(name: String) {
        #expect(throws: EditError.nameTaken(name)) { try network.applying(.rename("b", to: name)) }
        #expect(throws: EditError.nameTaken(name)) {
            try network.applying(.insert(Node(name, Route().layer, inputs: ["a"]), at: 0))
        }
        #expect(throws: EditError.nameTaken(name)) {
            try network.applying(.addInput(Input(name, .vector(1))))
        }
    }

    @Test(
        "names that files and commands could not tell from their own signs are refused",
        arguments: [
            "", " ", "a b", "a\tb", "a[0]", "a]", "{a}", "a=b", "a*", "a?", "a,b", "\"a\"", "'a'", "a\\b",
            "a\nb", "\u{0}", "a\u{200B}b",
            "a\u{202E}b", "a\u{A0}b", String(repeating: "x", count: 65),
            String(repeating: "\u{1F468}\u{1F3FD}", count: 33),
        ])
    func badNames(name: String) {
        #expect(!Network.isName(name))
        #expect(throws: EditError.badName(name)) { try network.applying(.rename("b", to: name)) }
    }

    @Test(
        "names may have dots, dashes, slashes and other scripts",
        arguments: [
            "x", "b1.dw", "c3_1.m0.cv1", "no-preprocess", "block/conv", "layer#1", "\u{5377}\u{7A4D}",
            "caf\u{E9}",
            String(repeating: "x", count: 64),
        ])
    func goodNames(name: String) throws {
        #expect(Network.isName(name))
        #expect(try network.applying(.rename("b", to: name))[name]?.inputs == ["a"])
        #expect(Source(text: name) == Source(name))
        #expect(Source(text: "\(name)[12]") == Source(name, output: 12))
    }

    @Test("a letter that joins with a bracket does not hide the output's number")
    func joiningLetters() {
        let source = Source("a\u{D4E}", output: 1)
        #expect(Source(text: source.description) == source)
    }

    @Test(
        "a wire is written as a name with the number of an output",
        arguments: [
            ("a", Source("a")), ("a[0]", Source("a")), ("a[2]", Source("a", output: 2)),
            ("a[9999]", Source("a", output: 9999)),
            ("a[10000]", nil), ("a[-1]", nil), ("a[]", nil), ("a[x]", nil), ("[1]", nil), ("a[1", nil),
            ("a1]", nil), ("a[1][2]", nil),
            ("", nil), ("a[\u{661}]", nil),
        ] as [(String, Source?)])
    func wires(text: String, source: Source?) {
        #expect(Source(text: text) == source)
    }

    @Test("a wire leads to something that is there")
    func wiresLeadSomewhere() {
        let error = EditError.noSuchSource("splat", of: "b", input: 1, nearest: "split")
        #expect(throws: error) { try network.applying(.rewire(layer: "b", inputs: ["a", "splat"])) }
        #expect(error.description == "no layer or input is named 'splat'; did you mean 'split'?")
        #expect(throws: EditError.noSuchSource("nowhere", of: "new", input: 0, nearest: nil)) {
            try network.applying(.insert(Node("new", Route().layer, inputs: ["nowhere"]), at: 0))
        }
    }

    @Test("layers may read each other in any order of the file")
    func anyOrder() throws {
        let reversed = try Network(inputs: network.inputs, nodes: network.nodes.reversed())
        #expect(reversed.index(of: "join") == 0)
        let cycle = try Network(
            inputs: [],
            nodes: [Node("a", Max().layer, inputs: ["b", "a"]), Node("b", Max().layer, inputs: ["a", "a"])])
        #expect(cycle.readers(of: "a").map(\.name) == ["a", "b"])
    }

    @Test("wires follow a renamed layer or input")
    func rename() throws {
        let renamed = try network.applying(.rename("split", to: "parts")).applying(
            .rename("image", to: "photo"))
        #expect(renamed["join"]?.inputs == ["a", Source("parts", output: 1), "a", "parts"])
        #expect(renamed["a"]?.inputs == ["photo"])
        #expect(
            renamed.inputs[0].name == "photo" && renamed.place(of: "image") == nil && renamed["split"] == nil)
    }

    @Test("who read a removed layer reads its first input")
    func remove() throws {
        let removed = try network.applying(.remove(layer: "split"))
        #expect(removed["join"]?.inputs == ["a", "b", "a", "b"])
        #expect(removed.index(of: "join") == 2 && removed.place(of: "split") == nil)
        let first = try network.applying(.remove(layer: "a"))
        #expect(first["b"]?.inputs == ["image"] && first["join"]?.inputs.first == "image")
        #expect(first.place(of: "b") == .node(0))
        let joined = try network.applying(.rewire(layer: "b", inputs: ["b", "join", "a"]))
        #expect(try joined.applying(.remove(layer: "b"))["split"]?.inputs == ["join"])
    }

    @Test("who read a removed layer without inputs has that wire no more")
    func removeSource() throws {
        let loose = try network.applying(.rewire(layer: "split", inputs: []))
        #expect(try loose.applying(.remove(layer: "split"))["join"]?.inputs == ["a", "a"])
        let loop = try network.applying(.rewire(layer: "split", inputs: ["split"]))
        #expect(try loop.applying(.remove(layer: "split"))["join"]?.inputs == ["a", "a"])
    }

    @Test("a layer is added at its position and the others keep their order", arguments: 0...4)
    func insert(position: Int) throws {
        let added = try network.applying(.insert(Node("new", Route().layer, inputs: ["a"]), at: position))
        #expect(added.index(of: "new") == position)
        #expect(added.nodes.map(\.name).filter { $0 != "new" } == network.nodes.map(\.name))
        for (index, node) in added.nodes.enumerated() { #expect(added.index(of: node.name) == index) }
    }

    @Test("a layer moves to its position and the others keep their order", arguments: 0..<4)
    func move(position: Int) throws {
        let moved = try network.applying(.move(layer: "b", to: position))
        #expect(moved.index(of: "b") == position)
        #expect(moved.nodes.map(\.name).filter { $0 != "b" } == ["a", "split", "join"])
        for (index, node) in moved.nodes.enumerated() { #expect(moved.index(of: node.name) == index) }
    }

    @Test("there is a limit to the number of layers")
    func tooMany() throws {
        let nodes = (0..<Network.nodeLimit).map { Node("n\($0)", Route().layer) }
        let full = try Network(inputs: [], nodes: nodes)
        #expect(throws: EditError.tooManyLayers(20_001)) {
            try full.applying(.insert(Node("more", Route().layer), at: 0))
        }
    }

    @Test("networks are equal when all their parts are, however they were made")
    func equality() throws {
        let there = try network.applying(.rename("b", to: "c")).applying(.move(layer: "c", to: 3))
        #expect(there != network)
        let back = try there.applying(.move(layer: "c", to: 1)).applying(.rename("c", to: "b"))
        #expect(back == network && back.hashValue == network.hashValue)
    }
}
