import Graph
import TestTraits
import Testing

@Suite(.limited)
struct EditTests {
    private let network: Network

    init() throws {
        var flags = ImportedFlags()
        flags.firstLayer = true
        flags.inputBits = 4
        network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))],
            nodes: [
                Node("conv0", Conv2D().layer, inputs: ["image"], imported: flags),
                Node("route", Route().layer, inputs: ["conv0", "image"]),
            ])
    }

    private static let titles: [(Edit, String)] = [
        (.set(layer: "conv0", field: "stride", to: .integer(2)), "conv0 stride 1 to 2"),
        (.set(layer: "conv0", field: "activation", to: .choice("none")), "conv0 activation ReLU6 to none"),
        (.set(layer: "conv0", field: "nothing", to: .unset), "conv0 nothing ? to unset"),
        (.replace(layer: "conv0", with: Maxpool2D().layer), "conv0 Conv2D to Maxpool2D"),
        (.insert(Node("pool", Maxpool2D().layer), at: 1), "add pool (Maxpool2D)"),
        (.remove(layer: "route"), "remove route"), (.move(layer: "route", to: 0), "move route"),
        (.rename("route", to: "join"), "rename route to join"),
        (
            .rewire(layer: "route", inputs: ["conv0", Source("image", output: 1)]),
            "route reads conv0, image[1]"
        ),
        (.rewire(layer: "route", inputs: []), "route reads nothing"),
        (.clearImported(layer: "conv0", flag: "firstLayer"), "conv0 forget the imported firstLayer"),
        (.annotate(layer: "conv0", note: "stem"), "conv0 note"),
        (.reshapeInput("image", to: .vector(7)), "image shape to 7"),
        (.addInput(Input("words", .vector(7))), "add input words"), (.all("tidy up", []), "tidy up"),
    ]

    @Test("an edit is named after what it changes", arguments: titles)
    func title(edit: Edit, title: String) {
        #expect(network.title(of: edit) == title)
    }

    @Test("a field is set on its layer and on no other")
    func set() throws {
        let edited = try network.applying(.set(layer: "conv0", field: "stride", to: .integer(2)))
        #expect(edited["conv0"]?.layer.value(of: "stride") == .integer(2))
        #expect(edited["conv0"]?.imported == network["conv0"]?.imported)
        #expect(edited["route"] == network["route"])
    }

    @Test("a whole number is a number too")
    func wholeNumbers() throws {
        let edited = try network.applying(.set(layer: "conv0", field: "clip", to: .integer(4)))
        #expect(edited["conv0"]?.layer.value(of: "clip") == .number(4))
    }

    @Test("another operator takes the name and the wires")
    func replace() throws {
        let edited = try network.applying(.replace(layer: "conv0", with: Maxpool2D().layer))
        #expect(edited["conv0"]?.kind == .maxpool2D && edited["conv0"]?.inputs == ["image"])
        #expect(edited["route"]?.inputs == ["conv0", "image"])
    }

    @Test("an imported flag is forgotten by itself")
    func clearImported() throws {
        let edited = try network.applying(.clearImported(layer: "conv0", flag: "firstLayer"))
        #expect(edited["conv0"]?.imported.firstLayer == nil && edited["conv0"]?.imported.inputBits == 4)
        #expect(edited["conv0"]?.imported.isEmpty == false)
        #expect(throws: EditError.noSuchField("first", of: .conv2D)) {
            try network.applying(.clearImported(layer: "conv0", flag: "first"))
        }
    }

    @Test("a note, an input and a shape are stored")
    func others() throws {
        let edited = try network.applying(
            .all(
                "three",
                [
                    .annotate(layer: "conv0", note: "stem"), .addInput(Input("words", .vector(7))),
                    .reshapeInput("image", to: .map(channels: 1, height: 28, width: 28)),
                ]))
        #expect(edited["conv0"]?.note == "stem")
        #expect(
            edited.inputs == [
                Input("image", .map(channels: 1, height: 28, width: 28)), Input("words", .vector(7)),
            ])
    }

    @Test("several changes are made all or none")
    func allOrNone() throws {
        let good = Edit.set(layer: "conv0", field: "stride", to: .integer(2))
        let bad = Edit.remove(layer: "gone")
        #expect(throws: EditError.noSuchLayer("gone", nearest: nil)) {
            try network.applying(.all("both", [good, bad]))
        }
        let nested = try network.applying(
            .all("both", [good, .all("inner", [.rename("conv0", to: "stem")])]))
        #expect(nested["stem"]?.layer.value(of: "stride") == .integer(2))
    }

    private static let refusals: [(Edit, String)] = [
        (.remove(layer: "conv1"), "no layer is named 'conv1'; did you mean 'conv0'?"),
        (.remove(layer: "image"), "no layer is named 'image'"),
        (.remove(layer: "zzz"), "no layer is named 'zzz'"),
        (.rename("zzz", to: "a"), "no layer is named 'zzz'"),
        (
            .rename("conv0", to: "route"),
            "the name 'route' is used twice; names are unique among layers and inputs"
        ),
        (
            .rename("conv0", to: "a b"),
            "'a b' cannot be a name: a name has 1 to 64 characters, no spaces and none of []{}=*?,\"'\\"
        ),
        (
            .set(layer: "conv0", field: "strid", to: .integer(1)),
            "Conv2D has no field 'strid'; did you mean 'stride'?"
        ),
        (
            .set(layer: "route", field: "stride", to: .integer(1)),
            "Route has no field 'stride'; it has no fields at all"
        ),
        (.set(layer: "conv0", field: "stride", to: .integer(0)), "stride: 0 is below 1"),
        (.set(layer: "conv0", field: "stride", to: .flag(true)), "stride: true is not a whole number"),
        (.set(layer: "conv0", field: "clip", to: .number(.nan)), "clip: nan is not a number"),
        (
            .rewire(layer: "route", inputs: ["conv"]),
            "no layer or input is named 'conv'; did you mean 'conv0'?"
        ),
        (.move(layer: "route", to: 2), "there is no position 2"),
        (.insert(Node("new", Route().layer), at: 3), "there is no position 3"),
        (.insert(Node("new", Route().layer), at: -1), "there is no position -1"),
        (.reshapeInput("conv0", to: .vector(1)), "no input is named 'conv0'"),
        (.reshapeInput("imag", to: .vector(1)), "no input is named 'imag'; did you mean 'image'?"),
        (.reshapeInput("image", to: .vector(0)), "shape: 0 is below 1"),
        (.reshapeInput("image", to: .vector(65537)), "shape: 65537 is above 65536"),
        (.addInput(Input("new", .map(channels: 1, height: -1, width: 1))), "shape: -1 is below 1"),
        (
            .reshapeInput("image", to: .sequence(length: 65536, features: 65536)),
            "shape: 65536x65536 is above 268435456 elements"
        ),
    ]

    @Test("an edit that cannot be made says why", arguments: refusals)
    func refusal(edit: Edit, message: String) {
        #expect {
            try network.applying(edit)
        } throws: {
            "\($0)" == message
        }
    }

    @Test("a long or nasty name is cut down to one line in an error")
    func oneLine() {
        let name = "\u{1B}[31m" + String(repeating: "x", count: 1000)
        let message = EditError.noSuchLayer(name, nearest: nil).description
        #expect(message.hasPrefix("no layer is named '\\u{1b}[31mxxx") && message.count < 120)
    }
}
