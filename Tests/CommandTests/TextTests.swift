import Devices
import Editing
import TUI
import Terminal
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct TextTests {
    private let table = TextTable(
        columns: [
            .init(title: "#", isRightAligned: true), .init(title: "layer", least: 4),
            .init(title: .init("operator", tail: "from"), least: 13),
            .init(title: "MMAC", isRightAligned: true),
        ],
        rows: [
            ["1", "data", "Preprocess", "·"],
            ["2", "backbone.conv1", .init("Conv2D 3x3", tail: "1"), "2.36"],
            ["10", "卷积层的名字", .init("FullConnected", tail: "12"), "·"],
        ])

    @Test("columns are as wide as their widest cell, in cells of the terminal")
    func aligned() {
        #expect(
            table.lines() == [
                " #  layer           operator     from  MMAC",
                " 1  data            Preprocess            ·",
                " 2  backbone.conv1  Conv2D 3x3      1  2.36",
                "10  卷积层的名字    FullConnected  12     ·",
            ])
    }

    @Test("columns shrink until the lines fit, and tails stay whole")
    func shrunk() {
        #expect(
            table.lines(fitting: 34) == [
                " #  layer      operator from  MMAC",
                " 1  data       Preprocess        ·",
                " 2  back…onv1  Conv2D 3x3  1  2.36",
                "10  卷积…名字  FullC…cted 12     ·",
            ])
    }

    @Test("a table that cannot shrink enough gives up a blank between its columns")
    func narrow() {
        let lines = table.lines(fitting: 25)
        #expect(lines[1] == " 1 data Preprocess       ·")
    }

    @Test("words go on lines of a width, and a word that is longer stays whole")
    func paragraph() {
        #expect(
            Paragraph.lines("one two three four", first: "* ", indent: "  ", width: 9)
                == ["* one two", "  three", "  four"])
        #expect(
            Paragraph.lines("supercalifragilistic is long", width: 9) == ["supercalifragilistic", "is long"])
        #expect(
            Paragraph.lines("a bb ccc", first: "$ ", indent: "  ", continuation: " \\", width: 8)
                == ["$ a bb \\", "  ccc"])
        #expect(Paragraph.lines("") == [""])
    }

    @Test(
        "whole numbers have a comma after three digits",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_853_680, "1,853,680"), (-12345, "-12,345")])
    func grouped(number: Int, text: String) {
        #expect(Figures.grouped(number) == text)
    }

    @Test(
        "three digits are enough",
        arguments: [
            (0.0, "0.00"), (0.063, "0.06"), (1.18, "1.18"), (9.996, "10.0"), (94.37, "94.4"),
            (1152.6, "1153"),
        ])
    func threeDigits(number: Double, text: String) {
        #expect(Figures.threeDigits(number) == text)
    }

    @Test(
        "multiplications are counted in millions",
        arguments: [(25_128_960, "25.1"), (8_139_200_000, "8139.2"), (2_620_000, "2.62"), (0, "0.00")])
    func millions(count: Int, text: String) {
        #expect(Figures.millions(count) == text)
    }

    @Test(
        "a clip has a decimal",
        arguments: [(6.0, "6.0"), (1.25, "1.25"), (3.14159, "3.142"), (1000.0, "1000.0")])
    func clip(clip: Double, text: String) {
        #expect(Figures.clip(clip) == text)
    }

    @Test(
        "a word is quoted where a shell would change it",
        arguments: [
            ("conv0.clip=4.0", "conv0.clip=4.0"), ("conv*.clip=4.0", "'conv*.clip=4.0'"),
            ("my net", "'my net'"),
            ("it's", "'it'\\''s'"), ("卷积.stride=2", "卷积.stride=2"), ("", "''"), ("a;b", "'a;b'"),
        ])
    func quoted(word: String, expected: String) {
        #expect(ShellWord.quoted(word) == expected)
    }

    @Test(
        "names that count up are named by the first and the last",
        arguments: [
            (["conv1", "conv2", "conv3", "fc"], ["conv1 to conv3", "fc"]),
            (["conv1", "conv2"], ["conv1", "conv2"]),
            (["b1.dw", "b2.dw", "b3.dw"], ["b1.dw", "b2.dw", "b3.dw"]),
            (["c9", "c10", "c11", "c13"], ["c9 to c11", "c13"]), ([], []),
        ])
    func compact(names: [String], words: [String]) {
        #expect(LayerNames.compact(names) == words)
    }

    @Test("colour is only around the text")
    func style() {
        let bold = TextStyle(isColoured: true).bold("T40")
        #expect(Output.shown(bold, isStyled: true) == "\u{1B}[1mT40\u{1B}[0m")
        #expect(Output.shown(bold) == "\\u{1}T40\\u{5}")
        #expect(TextStyle.plain.bold("T40") == "T40")
        #expect(Severity.allCases.map(TextStyle.plain.mark).joined() == "·!✗")
    }
}
