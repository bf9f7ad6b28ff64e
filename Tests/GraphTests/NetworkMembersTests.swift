import Graph
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct NetworkMembersTests {
    private func read(_ text: String) throws -> Network {
        var document = try ObjectReader(try JSON(text: text), at: "")
        let network = try Network(reading: &document)
        try document.finish("a network")
        return network
    }

    /// A network of one input, "image", and the layers given as JSON.
    private func layers(_ layers: String...) -> String {
        #"{"inputs": [{"name": "image", "shape": [3, 8, 8]}], "layers": [\#(layers.joined(separator: ", "))]}"#
    }

    private func text(of network: Network) -> String {
        (["inputs": .array(network.inputLines), "layers": .array(network.layerLines)] as JSON).compact
    }

    @Test("each sample reads back as it was written", arguments: OperatorSample.all)
    func roundTrip(sample: OperatorSample) throws {
        let network = try sample.network()
        #expect(try read(text(of: network)) == network)
        #expect(try text(of: read(text(of: network))) == text(of: network))
    }

    @Test(
        "a layer with the manual's defaults says only what the manual leaves open",
        arguments: OperatorKind.allCases)
    func defaults(kind: OperatorKind) throws {
        let network = try Network(
            inputs: [Input("in", .vector(1))], nodes: [Node("a", kind.defaultLayer, inputs: ["in"])])
        guard case .object(let members) = network.layerLines[0] else {
            Issue.record("a layer is no object")
            return
        }
        #expect(
            members.map(\.key) == ["name", "type", "inputs"] + kind.fields.filter(\.isRequired).map(\.name))
        #expect(try read(text(of: network)) == network)
    }

    @Test("members may stand in any order, and null is as good as absent")
    func order() throws {
        let network = try read(
            layers(
                #"{"note": null, "stride": 2, "inputs": ["image"], "outChannels": 4, "type": "Conv2D", "name": "a"}"#
            ))
        #expect(network["a"]?.layer.value(of: "stride") == .integer(2))
        #expect(network["a"]?.note.isEmpty == true && network["a"]?.imported.isEmpty == true)
    }

    @Test("notes and imported flags are kept")
    func extras() throws {
        let line =
            #"{"name":"a","type":"Route","inputs":["image"],"imported":{"inputBits":4,"firstLayer":false,"lastLayer":true,"preLstmLayer":false,"multiInputs":true,"batchFirst":false,"numLayers":2},"note":"joined by hand"}"#
        let network = try read(layers(line))
        #expect(network.layerLines[0].compact == line)
        #expect(network["a"]?.note == "joined by hand" && network["a"]?.imported.numLayers == 2)
    }

    @Test("wires name outputs, and layers that come later")
    func wires() throws {
        let network = try read(
            layers(
                #"{"name": "b", "type": "Route", "inputs": ["a[1]", "a", "image"]}"#,
                #"{"name": "a", "type": "Channel_Split", "inputs": ["image"], "split": [1, 2]}"#))
        #expect(network["b"]?.inputs == [Source("a", output: 1), "a", "image"])
    }

    @Test(
        "inputs have one to three axes",
        arguments: [
            ("[7]", Shape.vector(7)), ("[7, 5]", .sequence(length: 7, features: 5)),
            ("[3, 2, 1]", .map(channels: 3, height: 2, width: 1)),
            ("[65536]", .vector(65536)),
        ])
    func shapes(list: String, shape: Shape) throws {
        #expect(
            try read(#"{"inputs": [{"name": "x", "shape": \#(list)}], "layers": []}"#).inputs == [
                Input("x", shape)
            ])
    }

    private static let layerErrors: [(String, String)] = [
        (#"{"name": "a", "type": "Conv2D"}"#, "layers[0].outChannels: is missing; takes 1 to 65536"),
        (
            #"{"name": "a", "type": "Conv2D", "outChannels": null}"#,
            "layers[0].outChannels: is missing; takes 1 to 65536"
        ),
        (
            #"{"name": "a", "type": "Flatten"}"#,
            "layers[0].shape: is missing; takes 2 to 4 numbers, each -1 to 268435456"
        ),
        (conv(#""stride": 0"#), "layers[0].stride: 0 is below 1"),
        (conv(#""stride": 65"#), "layers[0].stride: 65 is above 64"),
        (conv(#""stride": 1.5"#), "layers[0].stride: 1.5 is not a whole number"),
        (conv(#""stride": "two""#), "layers[0].stride: two is not a whole number"),
        (conv(#""stride": true"#), "layers[0].stride: true is not a whole number"),
        (conv(#""stride": [1]"#), "layers[0].stride: [1] is not a whole number"),
        (conv(#""stride": {}"#), "layers[0].stride: is an object, takes 1 to 64"),
        (conv(#""stride": [1.5]"#), "layers[0].stride: is a list, takes 1 to 64"),
        (conv(#""stride": 1e99"#), "layers[0].stride: 1e+99 is not a whole number"),
        (conv(#""strid": 2"#), "layers[0].strid: Conv2D has no field 'strid'; did you mean 'stride'?"),
        (conv(#""colour": 2"#), "layers[0].colour: Conv2D has no field 'colour'"),
        (conv(#""split": [2]"#), "layers[0].split: Conv2D has no field 'split'"),
        (conv(#""batchNorm": 1"#), "layers[0].batchNorm: 1 is not true or false"),
        (conv(#""clip": "6""#), "layers[0].clip: 6 is not a number"),
        (conv(#""clip": 0"#), "layers[0].clip: 0.0 is below 0.001"),
        (conv(#""weightBits": 9"#), "layers[0].weightBits: '9' is not one of 2, 3, 4, 5, 6, 7, 8, 32"),
        (
            conv(#""outputBits": 1"#),
            "layers[0].outputBits: '1' is not one of 2, 3, 4, 5, 6, 7, 8, 10, 12, 32"
        ),
        (
            conv(#""activation": "relu""#),
            "layers[0].activation: 'relu' is not one of "
                + Activation.allCases.map(\.rawValue).joined(separator: ", ") + "; did you mean 'ReLU'?"
        ),
        (
            #"{"name": "a", "type": "Conv2d"}"#,
            "layers[0].type: no operator is named 'Conv2d'; did you mean 'Conv2D'?"
        ),
        (#"{"name": "a", "type": "Softmax"}"#, "layers[0].type: no operator is named 'Softmax'"),
        (#"{"name": "a", "type": 3}"#, "layers[0].type: is a number, a text is expected"),
        (#"{"name": "a"}"#, "layers[0].type: is missing"),
        (#"{"type": "Route"}"#, "layers[0].name: is missing"),
        (
            #"{"name": "a b", "type": "Route"}"#,
            "layers[0].name: 'a b' cannot be a name: a name has 1 to 64 characters, no spaces and none of []{}=*?,\"'\\"
        ),
        (
            #"{"name": "image", "type": "Route"}"#,
            "layers[0].name: the name 'image' is used twice; names are unique among layers and inputs"
        ),
        (
            route(#"["imag"]"#),
            "layers[0].inputs[0]: no layer or input is named 'imag'; did you mean 'image'?"
        ),
        (route(#"["image", "nowhere[2]"]"#), "layers[0].inputs[1]: no layer or input is named 'nowhere'"),
        (route(#"["image", 3]"#), "layers[0].inputs[1]: is a number, a name is expected"),
        (route(#""image""#), "layers[0].inputs: is a text, a list is expected"),
        (
            route(#"["image[x]"]"#),
            "layers[0].inputs[0]: 'image[x]' is not the name of a layer, nor one with an output like split[1]"
        ),
        (#"{"name": "a", "type": "Route", "note": 3}"#, "layers[0].note: is a number, a text is expected"),
        (
            #"{"name": "a", "type": "Route", "imported": []}"#,
            "layers[0].imported: is a list, an object is expected"
        ),
        (
            #"{"name": "a", "type": "Route", "imported": {"firstlayer": true}}"#,
            "layers[0].imported.firstlayer: an import has no field 'firstlayer'; did you mean 'firstLayer'?"
        ),
        (
            #"{"name": "a", "type": "Route", "imported": {"numLayers": 0}}"#,
            "layers[0].imported.numLayers: 0 is below 1"
        ),
        (
            #"{"name": "a", "type": "Route", "imported": {"firstLayer": {}}}"#,
            "layers[0].imported.firstLayer: is an object, takes true or false"
        ),
        ("[]", "layers[0]: is a list, an object is expected"),
        ("null", "layers[0]: is null, an object is expected"),
    ]

    private static func conv(_ member: String) -> String {
        #"{"name": "a", "type": "Conv2D", "outChannels": 8, \#(member)}"#
    }
    private static func route(_ inputs: String) -> String {
        #"{"name": "a", "type": "Route", "inputs": \#(inputs)}"#
    }

    @Test("an error in a layer says where and what would be right", arguments: layerErrors)
    func wrongLayer(layer: String, message: String) {
        #expect {
            try read(layers(layer))
        } throws: {
            "\($0)" == message
        }
    }

    private static let documentErrors: [(String, String)] = [
        ("{}", "layers: is missing"), (#"{"layers": {}}"#, "layers: is an object, a list is expected"),
        (#"{"layers": [], "inputs": 1}"#, "inputs: is a number, a list is expected"),
        (#"{"layers": [], "inputs": [1]}"#, "inputs[0]: is a number, an object is expected"),
        (#"{"layers": [], "inputs": [{"shape": [1]}]}"#, "inputs[0].name: is missing"),
        (#"{"layers": [], "inputs": [{"name": "x"}]}"#, "inputs[0].shape: is missing"),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": []}]}"#,
            "inputs[0].shape: has 0 entries, takes 1 to 3"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [1,2,3,4]}]}"#,
            "inputs[0].shape: has 4 entries, takes 1 to 3"
        ),
        (#"{"layers": [], "inputs": [{"name": "x", "shape": [3,0,8]}]}"#, "inputs[0].shape: 0 is below 1"),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [65537]}]}"#,
            "inputs[0].shape: 65537 is above 65536"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": "3x8"}]}"#,
            "inputs[0].shape: 3x8 is not a list of whole numbers"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [1.5]}]}"#,
            "inputs[0].shape: is not a list of whole numbers"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [65536,65536]}]}"#,
            "inputs[0].shape: 65536x65536 has more than 268435456 elements, the most that a layer may have"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [1], "size": 3}]}"#,
            "inputs[0].size: an input has no field 'size'"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "x", "shape": [1]}, {"name": "x", "shape": [1]}]}"#,
            "inputs[1].name: the name 'x' is used twice; names are unique among layers and inputs"
        ),
        (
            #"{"layers": [], "inputs": [{"name": "", "shape": [1]}]}"#,
            "inputs[0].name: '' cannot be a name: a name has 1 to 64 characters, no spaces and none of []{}=*?,\"'\\"
        ),
        (
            #"{"layers": [{"name": "x", "type": "Route"}, {"name": "y", "type": "Route"}, {"name": "x", "type": "Route"}]}"#,
            "layers[2].name: the name 'x' is used twice; names are unique among layers and inputs"
        ),
        (#"{"layers": [], "layer": []}"#, "layer: a network has no field 'layer'; did you mean 'layers'?"),
        ("[]", "document: is a list, an object is expected"),
    ]

    @Test("an error elsewhere says where and what would be right", arguments: documentErrors)
    func wrongDocument(text: String, message: String) {
        #expect {
            try read(text)
        } throws: {
            "\($0)" == message
        }
    }

    @Test("more layers than a network may have are refused")
    func tooMany() {
        let text = layers(
            (0...Network.nodeLimit).map { #"{"name": "n\#($0)", "type": "Route"}"# }.joined(separator: ","))
        #expect {
            try read(text)
        } throws: {
            "\($0)" == "layers: 20001 layers are more than 20000, the most that a network may have"
        }
    }
}
