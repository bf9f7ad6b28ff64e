import Graph
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct JSONWriterTests {
    @Test("a document is written on one line without spaces")
    func compact() {
        let document: JSON = ["b": [1, .number(-0.5), true, nil], "a": ["c": "d", "e": [:], "f": []]]
        #expect(document.compact == #"{"b":[1,-0.5,true,null],"a":{"c":"d","e":{},"f":[]}}"#)
    }

    @Test("a document is written with two spaces a level and plain lists on one line")
    func pretty() {
        let document: JSON = ["plain": [1, 2, "x"], "nested": [[1], ["a": 2]], "empty": [:], "none": []]
        #expect(
            document.pretty == """
                {
                  "plain": [1,2,"x"],
                  "nested": [
                    [1],
                    {
                      "a": 2
                    }
                  ],
                  "empty": {},
                  "none": []
                }
                """)
    }

    @Test(
        "quotes, backslashes, control characters and line separators are escaped",
        arguments: [
            ("plain text", #""plain text""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{1B}\u{7F}\u{9F}", #""\u0000\u001b\u007f\u009f""#),
            ("\u{2028}\u{2029}", #""\u2028\u2029""#),
            ("\u{E9}\u{1F600}", "\"\u{E9}\u{1F600}\""),
        ])
    func escapes(string: String, text: String) {
        #expect(JSON.string(string).compact == text)
    }

    @Test(
        "numbers are written so that they read back as they were",
        arguments: [
            0, 1, -1, 0.1, 1e16, 1e-7, 1e308, Double.leastNonzeroMagnitude, 123_456_789.125, -0.0, 255, 4.5,
        ])
    func numbers(number: Double) throws {
        #expect(try JSON(text: JSON.number(number).compact) == .number(number))
    }

    @Test("random documents read back as they were written, in both forms", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let document = anything(depth: 0, &random)
        #expect(try JSON(text: document.compact) == document)
        #expect(try JSON(text: document.pretty) == document)
    }

    private func anything(depth: Int, _ random: inout SeededGenerator) -> JSON {
        let count = Int.random(in: 0...4, using: &random)
        switch Int.random(in: 0...(depth > 4 ? 4 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(.random(using: &random))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .number(Double(Int.random(in: -999...999, using: &random)) / 64)
        case 4: return .string(text(&random))
        case 5: return .array((0..<count).map { _ in anything(depth: depth + 1, &random) })
        default:
            return .object(
                (0..<count).map { .init("\($0)\(text(&random))", anything(depth: depth + 1, &random)) })
        }
    }

    private func text(_ random: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in
            Unicode.Scalar(
                UInt32.random(in: 0...0x10FFFF, using: &random) >> Int.random(in: 0...14, using: &random))
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
