import Devices
import Editing
import Graph
import Sessions
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct SetTests {
    private func run(_ assignments: String..., on name: String = "network-t40") throws -> AssignmentRun {
        try AssignmentRun(
            assignments.map { try Assignment($0) }, on: try Samples.document(named: name))
    }

    @Test("changes are named in the words of undo, from left to right")
    func titles() throws {
        let run = try run(
            "conv0.stride=2", "fc1.name=dense", "dense.outChannels=64", "device=T02", "image.shape=[3,64,64]",
            "conv3.note=look here", "shortcut.inputs=conv5,max2")
        #expect(
            run.titles == [
                "conv0 stride 1 to 2", "rename fc1 to dense", "dense outChannels 128 to 64",
                "device T40 to T02",
                "image shape to 3x64x64", "conv3 note", "shortcut reads conv5, max2",
            ])
        #expect(run.document.device == .t02)
        #expect(run.document.network["conv3"]?.note == "look here")
        #expect(run.formerNames == ["dense": "fc1"])
    }

    @Test("what is so already is no change")
    func unchanged() throws {
        let run = try run(
            "conv0.stride=1", "device=T40", "conv0.name=conv0", "image.shape=3,32,32", "conv0.inputs=bn",
            "conv0.note=")
        #expect(run.titles.isEmpty)
        #expect(SetText(run, on: run.document).text == "nothing changed")
    }

    @Test("a pattern changes the layers that have the field, and skips the others")
    func patterns() throws {
        #expect(try run("conv[0-2].weightBits=4").titles.count == 3)
        #expect(try run("*.weightBits=4").titles.count == 14)
        #expect(try run("*.clip=4").document.network["shortcut"]?.layer.value(of: "clip") == .number(4))
        #expect(try run("image*.shape=1,32,32").titles == ["image shape to 1x32x32"])
    }

    @Test("names may have dots, values equals signs")
    func splitting() throws {
        let run = try run("c3_1.m0.cv1.kernelWidth=5", "c3_1.cv1.note=a=b.c", on: "yolov5s-person")
        #expect(run.titles == ["c3_1.m0.cv1 kernelWidth 1 to 5", "c3_1.cv1 note"])
        #expect(run.document.network["c3_1.cv1"]?.note == "a=b.c")
    }

    @Test("outputs of a layer are sources too, and a layer may read nothing")
    func sources() throws {
        let document = try run("rnn.inputs=")
        #expect(document.titles == ["rnn reads nothing"])
        #expect(
            try run("route.inputs=maxpool, conv1[0],conv0").titles == ["route reads maxpool, conv1, conv0"])
    }

    @Test("the task is set as network.json has it, or by its word")
    func task() throws {
        let text = #"{"kind": "segmentation", "classes": ["road", "sky"]}"#
        let document = try run("task=\(text)")
        #expect(
            document.document.network.task == .segmentation(SegmentationTask(classes: ["road", "sky"]))
                && document.titles == ["task segmentation"])
        #expect(try run("task=regression").document.network.task == .regression)
        #expect(try run("task=classification").titles.isEmpty)
    }

    @Test(
        "an assignment that cannot be made says why",
        arguments: [
            (
                "task=boxes",
                "task=boxes: task.kind: no task is named 'boxes'; tasks are classification, detection, segmentation, regression"
            ),
            ("task={\"kind\": 3}", "task={\"kind\": 3}: task.kind: is a number, a text is expected"),
            ("conv0", "conv0: has no '='; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"),
            ("stride=2", "stride=2: names no field; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"),
            (".stride=2", ".stride=2: names no field; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"),
            ("conv0.=2", "conv0.=2: names no field; write LAYER.FIELD=VALUE, device=CHIP or task=TASK"),
            ("conv0.strid=2", "conv0.strid=2: conv0 (Conv2D) has no field 'strid'; did you mean 'stride'?"),
            ("covn0.stride=2", "covn0.stride=2: no layer is named 'covn0'; did you mean 'conv0'?"),
            ("x*.stride=2", "x*.stride=2: no layer matches 'x*'"),
            ("*.strid=2", "*.strid=2: no layer that '*' matches has a field 'strid'; did you mean 'stride'?"),
            ("conv0.stride=0", "conv0.stride=0: 0 is below 1"),
            ("conv0.stride=fast", "conv0.stride=fast: 'fast' is not a whole number"),
            ("image.size=3", "image.size=3: the input 'image' has no field 'size'; it has name and shape"),
            ("image.shape=0,1", "image.shape=0,1: 0 is below 1"),
            (
                "conv0.inputs=a[b]",
                "conv0.inputs=a[b]: 'a[b]' is not a list of layers and inputs such as conv0,split[1]"
            ),
            (
                "conv0.name=conv1",
                "conv0.name=conv1: the name 'conv1' is used twice; names are unique among layers and inputs"
            ),
        ])
    func refused(text: String, expected: String) throws {
        do {
            _ = try run(text)
            Issue.record("\(text) is made")
        } catch let error as AssignmentError {
            #expect("\(error)" == expected)
        }
    }

    @Test("a chip that is none is named with the nearest")
    func noChip() throws {
        #expect(throws: AssignmentError.self) { try run("device=T4O") }
        #expect("\(CommandError.noSuchDevice("T4O"))".contains("did you mean 'T40'?"))
    }

    @Test("the page tells what came and what went, the worst first")
    func page() throws {
        let document = try Samples.document(named: "network-t40")
        let run = try AssignmentRun(
            ["conv1.outChannels=24", "conv1.clip=5"].map { try Assignment($0) }, on: document)
        #expect(
            SetText(run, on: document).text == """
                conv1 outChannels 32 to 24
                conv1 clip 6.0 to 5.0
                T40: 0 errors -> 1, 0 advice -> 1
                new
                  ✗ conv2: reads 56 channels, not a multiple of 32 (channels-32)
                  · conv1: has 5.0 at 8 bit, 6.0 is recommended (clip-recommended)
                """)
        let back = try AssignmentRun([Assignment("conv1.outChannels=32")], on: run.document)
        #expect(
            SetText(back, on: run.document).text == """
                conv1 outChannels 24 to 32
                T40: 1 error -> 0, 1 advice
                settled
                  ✗ conv2: reads 56 channels, not a multiple of 32 (channels-32)
                """)
    }

    @Test("a renamed layer keeps its findings, and another chip has its own")
    func renamed() throws {
        let document = try Samples.document(named: "network-t40-literal")
        let renamed = try AssignmentRun([Assignment("bn.name=norm")], on: document)
        #expect(SetText(renamed, on: document).text == "rename bn to norm\nT40: 3 warnings")
        let moved = try AssignmentRun([Assignment("device=T02")], on: document)
        #expect(
            SetText(moved, on: document).text.hasPrefix(
                "device T40 to T02\nT40: 3 warnings -> T02: 1 error, "))
    }
}
