import Foundation
import Graph
import TestTraits
import Testing

@testable import Datasets

@Suite("VOC sets", .limited)
struct VOCTests {
    let shape = Shape.map(channels: 1, height: 20, width: 40)

    private func object(_ name: String, _ sides: [String], _ more: String = "") -> String {
        "<object><name>\(name)</name>\(more)<bndbox>\n"
            + zip(["xmin", "ymin", "xmax", "ymax"], sides).map { "<\($0)>\($1)</\($0)>\n" }.joined()
            + "</bndbox></object>"
    }

    private func annotation(_ content: String) -> String {
        "<annotation>\n<size><width>20</width><height>10</height></size>\n\(content)\n</annotation>\n"
    }

    /// Pictures of height 10 and width 20.
    private func folder(_ annotations: [String: String], lists: [String: String]) throws -> TestFolder {
        let folder = try TestFolder()
        for (name, text) in annotations {
            try folder.write(text, to: "Annotations/\(name).xml")
            try folder.write(plainPicture(height: 10, width: 20), to: "JPEGImages/\(name).png")
        }
        for (name, text) in lists { try folder.write(text, to: "ImageSets/Main/\(name).txt") }
        return folder
    }

    private func open(_ folder: TestFolder, task: NetworkTask = petTask()) throws -> Dataset {
        try Dataset.open(DataSpec("voc:\(folder.path)"), shape: shape, task: task)
    }

    @Test("boxes, difficult objects and splits are read")
    func boxes() throws {
        let parts = "<part><name>cat</name><bndbox></bndbox></part><difficult>1</difficult>"
        let folder = try folder(
            [
                "a": annotation(
                    object("dog", ["2", "1", "12", "6"])
                        + object("&#99;at", ["0", "0", "30", "10"], parts)
                        + object("cow", ["1", "1", "2", "2"]) + object("cat", ["5", "5", "5", "5"])),
                "b": "\u{FEFF}<?xml version=\"1.0\"?><!-- none --><annotation a=\">\"/>",
                "c": annotation(object("<![CDATA[cat]]>", ["0", "0", "1e1", "10.0"])),
            ], lists: ["train": "a 1\nb -1\n", "val": "c"])
        let set = try open(folder)
        #expect(Split.allCases.map(set.count) == [2, 1, 0])
        let answers = try set.answers(.train)
        #expect(answers[0].boxes.map(\.sides) == [[4, 2, 24, 12], [0, 0, 40, 20]])
        #expect(answers[0].boxes.map(\.label) == [1, 0])
        #expect(answers[0].boxes.map(\.isIgnored) == [false, true])
        #expect(answers[0].boxes.map(\.area) == [50, 200])
        #expect(answers[1].boxes.isEmpty)
        #expect(try set.answers(.validation)[0].boxes.map(\.sides) == [[0, 0, 20, 20]])
        #expect(set.notes == ["1 object of 1 other class is left out", "1 box without an area left out"])
        #expect(try !open(folder, task: .classification).isLabelled)
    }

    @Test("without train.txt the pictures of trainval.txt are learned from")
    func trainval() throws {
        let content = annotation(object("cat", ["0", "0", "20", "10"]))
        let folder = try folder(
            ["a": content, "b": content], lists: ["trainval": "a", "val": "a", "test": "b"])
        #expect(try Split.allCases.map(open(folder).count) == [1, 0, 1])
    }

    @Test("everything that is wrong is said at once, with file and line")
    func faults() throws {
        let folder = try folder(
            [
                "a": annotation(
                    object("cat", ["2", "x", "12", "6"]) + "\n" + object("", ["9", "1", "2", "6"])
                        + object("cat", ["30", "1", "40", "6"])),
                "b": annotation("<object><name>cat</name></object><object>").replacingOccurrences(
                    of: "20", with: "21"),
                "c": "<annotation><size><width>21</width></size><object></object></annotation>",
                "d": "", "e": "<note/>", "f": annotation(""),
            ], lists: ["train": "a\nb\nc\nnone\nd\ne\nf\ng"])
        try folder.write("", to: "Annotations/alone.xml")
        try folder.write(plainPicture(height: 10, width: 20), to: "JPEGImages/g.png")
        let found = message { _ = try open(folder) } ?? "nothing"
        for expected in [
            "a.xml:5: <ymin> is 'x', a number is expected", "a.xml:9: an object has no <name>",
            "a.xml:9: <xmax> is less than <xmin>", "lies outside of its picture",
            "b.xml:4: </annotation> ends <object> of line 3", "c.xml:1: <width> is 21, the picture has 20",
            "c.xml:1: an object has no <name>", "c.xml:1: an object has no <bndbox>",
            "d.xml:1: an element is expected", "e.xml:1: <annotation> is expected, found <note>",
            "train.txt:4: there is no picture 'none'", "train.txt:8: there are no labels 'g.xml'",
            "alone.xml: has no picture",
        ] {
            #expect(found.contains(expected), "\(expected) is not in \(found)")
        }
    }

    @Test(
        "XML that could grow or read other files is refused by name, with the line",
        arguments: [
            ("<?xml?>\n<!DOCTYPE a [<!ENTITY b \"c\">]>\n<annotation>&b;</annotation>", 2, "DOCTYPE"),
            ("<annotation>\n\n&lol;</annotation>", 3, "&lol;"),
            ("<annotation>&#xD800;</annotation>", 1, "#xD800"),
            ("<annotation>&amp</annotation>", 1, "entity"),
            (String(repeating: "<a>", count: 40), 1, "deeper than 32"),
            ("<annotation>\n<!ELEMENT a>", 2, "declaration"), ("<!-- \n", 1, "a comment has no end"),
            ("<annotation", 1, "no '>'"), ("<a></a><b/>", 1, "more behind"),
            ("</a>", 1, "without its element"),
            ("<a b='<'></a>", 0, ""), ("<a>\u{1}\n</b>", 2, "</b> ends <a>"),
            ("<a><", 1, "the name of a tag"),
        ])
    func hostile(text: String, line: Int, part: String) {
        do throws(XMLFault) {
            _ = try XMLDocument.root(Array(text.utf8))
            #expect(line == 0)
        } catch {
            #expect(error.line == line && error.reason.contains(part), "\(error)")
        }
    }
}
