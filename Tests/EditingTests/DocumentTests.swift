import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct DocumentTests {
    @Test("a shipped sample is written byte for byte as it was read", arguments: Samples.names)
    func samples(name: String) throws {
        let text = try Fixtures.sampleText(name)
        #expect(try Document(bytes: text.utf8).text == text)
    }

    private static let line = #"{"name":"a","type":"Route","inputs":["image"]}"#

    /// A network file of one layer "a" with these members behind the usual ones, or other ones in their place.
    private func file(
        format: String = "1", device: String = #""T40""#, layers: String = line, _ more: String = ""
    ) -> String {
        """
        {"format": \(format), "device": \(device), "inputs": [{"name": "image", "shape": [3, 8, 8]}],
         "layers": [\(layers)]\(more.isEmpty ? "" : ", " + more)}
        """
    }

    private func read(_ text: String) throws -> Document { try Document(bytes: text.utf8) }

    @Test("the file has its members in order, a line for each input, layer and waiver, and ends with a line")
    func layout() throws {
        let more =
            #""screen": {"tab": "graph", "rows": [1, 2]}, "plan": {"epochs": 3, "stages": [{"bits": 8}, {"bits": 4}]}"#
        let document = try read(
            file(#""waivers": [{"layer": "a", "reason": "On purpose.", "rule": "some-rule"}], \#(more)"#))
        #expect(
            document.text == """
                {
                  "format": 1,
                  "device": "T40",
                  "inputs": [
                    {"name":"image","shape":[3,8,8]}
                  ],
                  "layers": [
                    {"name":"a","type":"Route","inputs":["image"]}
                  ],
                  "waivers": [
                    {"rule":"some-rule","layer":"a","reason":"On purpose."}
                  ],
                  "plan": {
                    "epochs": 3,
                    "stages": [
                      {
                        "bits": 8
                      },
                      {
                        "bits": 4
                      }
                    ]
                  },
                  "screen": {
                    "tab": "graph",
                    "rows": [1,2]
                  }
                }

                """)
        #expect(try read(document.text) == document)
    }

    @Test("an empty document is small, and reads back")
    func empty() throws {
        let document = Document(network: Network(), device: .xs2)
        #expect(
            document.text
                == "{\n  \"format\": 1,\n  \"device\": \"Xs2\",\n  \"inputs\": [],\n  \"layers\": []\n}\n")
        #expect(try read(document.text) == document)
        #expect(document.summary == "0 layers, no inputs, 0 parameters, Xs2")
    }

    @Test(
        "plan and screen are kept as they are, whatever they are",
        arguments: [
            #"{"a": [1, 2.5, null, {"b": "\u001b"}]}"#, "[]", "3", "\"text\"", "true",
        ])
    func verbatim(value: String) throws {
        let document = try read(file(#""plan": \#(value), "screen": \#(value)"#))
        #expect(try document.plan == JSON(text: value) && document.screen == document.plan)
        #expect(try read(document.text) == document)
    }

    @Test("a chip goes by its name in any case", arguments: Device.allCases)
    func device(device: Device) throws {
        #expect(try read(file(device: "\"\(device.rawValue)\"")).device == device)
        #expect(try read(file(device: "\"\(device.rawValue.lowercased())\"")).device == device)
    }

    private static let chips = Device.allCases.map(\.rawValue).joined(separator: ", ")
    private static let errors: [(String, String)] = [
        (
            #"{"format": 2, "new": 1}"#,
            "format: 2 is newer than 1, the newest that this magikbench reads; update magikbench"
        ),
        (#"{"format": 0}"#, "format: 0 is no format; formats are counted from 1"),
        (#"{"format": -1}"#, "format: -1 is no format; formats are counted from 1"),
        ("{}", "format: is missing; a network.json of this version has \"format\": 1"),
        (#"{"format": "1"}"#, "format: is a text, a whole number is expected, such as 1"),
        (#"{"format": 1.5}"#, "format: is a number, a whole number is expected, such as 1"),
        (#"{"format": 1}"#, "device: is missing; the chips are \(chips)"),
        (#"{"format": 1, "device": "T4O"}"#, "device: no chip is named 'T4O'; did you mean 'T40'?"),
        (
            #"{"format": 1, "device": "Z80"}"#,
            "device: no chip is named 'Z80'; the chips are \(chips)"
        ),
        (#"{"format": 1, "device": 40}"#, "device: is a number, a text is expected"),
        (#"{"format": 1, "device": "T40"}"#, "layers: is missing"),
        (
            #"{"format": 1, "device": "T40", "layers": [], "waiver": []}"#,
            "waiver: a network.json has no field 'waiver'; did you mean 'waivers'?"
        ),
        (
            #"{"format": 1, "device": "T40", "layers": [], "colour": 1}"#,
            "colour: a network.json has no field 'colour'"
        ),
        ("[]", "document: is a list, an object is expected"),
        (
            #"{"format": 1, "#,
            "line 1, column 15: a key in quotes is expected, found the end of the file; is it cut short?"
        ),
    ]

    @Test("a file that is not one of ours is refused with the reason", arguments: errors)
    func refusal(text: String, message: String) {
        #expect {
            try read(text)
        } throws: {
            "\($0)" == message
        }
    }

    private static let waiverErrors: [(String, String)] = [
        ("3", "waivers: is a number, a list is expected"),
        ("[3]", "waivers[0]: is a number, an object is expected"),
        (#"[{"layer": "a", "reason": "x"}]"#, "waivers[0].rule: is missing"),
        (#"[{"rule": "r", "reason": "x"}]"#, "waivers[0].layer: is missing"),
        (#"[{"rule": "r", "layer": "a"}]"#, "waivers[0].reason: is missing"),
        (
            #"[{"rule": "r", "layer": "a", "reason": "x"}, {"rule": "r", "layer": "b2", "reason": "x"}]"#,
            "waivers[1].layer: no layer is named 'b2'"
        ),
        (#"[{"rule": "r", "layer": "A", "reason": "x"}]"#, "waivers[0].layer: no layer is named 'A'"),
        (#"[{"rule": "r", "layer": "image", "reason": "x"}]"#, "waivers[0].layer: no layer is named 'image'"),
        (
            #"[{"rule": "r", "layer": "a", "reason": " \n "}]"#,
            "waivers[0].reason: is empty; a waiver says why the finding does not matter"
        ),
        (
            #"[{"rule": "r", "layer": "a", "reasons": "x", "reason": "x"}]"#,
            "waivers[0].reasons: a waiver has no field 'reasons'; did you mean 'reason'?"
        ),
    ]

    @Test("a waiver that means nothing is refused with the reason", arguments: waiverErrors)
    func waiverRefusal(waivers: String, message: String) {
        #expect {
            try read(file(#""waivers": \#(waivers)"#))
        } throws: {
            "\($0)" == message
        }
    }

    @Test("a waiver for a rule that this version does not have is kept")
    func unknownRule() throws {
        let document = try read(
            file(#""waivers": [{"rule": "of-the-future", "layer": "a", "reason": "Later."}]"#))
        #expect(document.waivers == [Waiver(rule: "of-the-future", layer: "a", reason: "Later.")])
    }
}

@Suite(.limited)
struct WaiverTests {
    private let document: Document

    init() throws {
        let network = try Network(
            inputs: [Input("image", .vector(4))],
            nodes: [Node("a", Route().layer, inputs: ["image"]), Node("b", Route().layer, inputs: ["a"])])
        document = Document(
            network: network, device: .t40,
            waivers: [
                Waiver(rule: "one", layer: "a", reason: "x"), Waiver(rule: "two", layer: "b", reason: "y"),
                Waiver(rule: "three", layer: "a", reason: "z"),
            ])
    }

    private func waived(after edit: Edit) throws -> [String] {
        var document = document
        try document.apply(edit)
        #expect(try Document(bytes: document.text.utf8) == document)
        return document.waivers.map { "\($0.rule) \($0.layer)" }
    }

    @Test("waivers follow their layer's name")
    func rename() throws {
        #expect(try waived(after: .rename("a", to: "c")) == ["one c", "two b", "three c"])
        #expect(try waived(after: .rename("image", to: "photo")) == ["one a", "two b", "three a"])
    }

    @Test("waivers go with their layer")
    func remove() throws {
        #expect(try waived(after: .remove(layer: "a")) == ["two b"])
    }

    @Test("waivers follow several changes one after the other")
    func several() throws {
        let swap = Edit.all("swap", [.rename("a", to: "t"), .rename("b", to: "a"), .rename("t", to: "b")])
        #expect(try waived(after: swap) == ["one b", "two a", "three b"])
        let reborn = Edit.all(
            "reborn", [.remove(layer: "a"), .insert(Node("a", Route().layer, inputs: ["image"]), at: 0)])
        #expect(try waived(after: reborn) == ["two b"])
    }

    @Test("waivers stay where only the layer's settings change")
    func stay() throws {
        #expect(try waived(after: .replace(layer: "a", with: Maxpool2D().layer)).count == 3)
        #expect(try waived(after: .move(layer: "a", to: 1)).count == 3)
    }

    @Test("an edit that is refused changes nothing")
    func refused() {
        var changed = document
        #expect(throws: EditError.self) {
            try changed.apply(.all("both", [.rename("a", to: "c"), .remove(layer: "nowhere")]))
        }
        #expect(changed == document)
    }

    @Test("no waiver outlives its layer or goes without a reason, however it is set")
    func promises() throws {
        var changed = document
        changed.network = try changed.network.applying(.remove(layer: "b"))
        #expect(changed.waivers.map(\.rule) == ["one", "three"])
        changed.waivers = [
            Waiver(rule: "r", layer: "b", reason: "x"), Waiver(rule: "r", layer: "a", reason: " "),
            Waiver(rule: "r", layer: "a", reason: "x"),
        ]
        #expect(changed.waivers == [Waiver(rule: "r", layer: "a", reason: "x")])
        let new = Document(
            network: changed.network, device: .t40, waivers: [Waiver(rule: "r", layer: "b", reason: "x")])
        #expect(new.waivers.isEmpty)
    }
}
