import Graph
import TestTraits
import Testing

@Suite(.limited)
struct JSONReaderTests {
    @Test(
        "every kind of value is read",
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-12", -12), ("-0", 0),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)),
            ("-2.5e-3", .number(-0.0025)),
            ("1E2", .number(100)), ("1e+2", .number(100)), ("1e-400", .number(0)), ("\"\"", ""),
            ("\"text\"", "text"),
            ("[]", []), ("[1, [2], {}]", [1, [2], [:]]), ("{}", [:]),
            ("\r\n\t{ \"b\" : 1 , \"a\" : null }", ["b": 1, "a": nil]),
        ] as [(String, JSON)])
    func values(text: String, value: JSON) throws {
        #expect(try JSON(text: text) == value)
    }

    @Test(
        "escapes and other scripts are read",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "A\u{E9}\u{20AC}"),
            (#""\ud83d\ude00""#, "\u{1F600}"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\0"),
            ("\"\u{1F600} \u{65E5}\u{672C} \u{7F}\"", "\u{1F600} \u{65E5}\u{672C} \u{7F}"),
        ])
    func escapes(text: String, string: String) throws {
        #expect(try JSON(text: text) == .string(string))
    }

    @Test("members keep their order", arguments: ["zebra", "apple", "mango"])
    func order(key: String) throws {
        let document = try JSON(text: #"{"zebra": 0, "apple": 1, "mango": 2}"#)
        guard case .object(let members) = document else {
            Issue.record("an object is read as \(document.kind)")
            return
        }
        #expect(members.map(\.key) == ["zebra", "apple", "mango"])
        #expect(document[key] == members.first { $0.key == key }?.value)
        #expect(document["kiwi"] == nil)
    }

    @Test(
        "an error says line, column and what is wrong",
        arguments: [
            ("", 1, 1, "the file ends where a value is expected; is it cut short?"),
            ("  \n ", 2, 2, "the file ends where a value is expected; is it cut short?"),
            ("{", 1, 2, "a key in quotes is expected, found the end of the file; is it cut short?"),
            ("{\"a\":1,}", 1, 8, "a key in quotes is expected, found '}'"),
            ("{\n  a: 1}", 2, 3, "a key in quotes is expected, found 'a'"),
            ("{\"a\" 1}", 1, 6, "':' is expected after the key, found '1'"),
            ("{\"a\":1 \"b\":2}", 1, 8, "',' or '}' is expected, found '\"'"),
            ("{\"a\":1", 1, 7, "',' or '}' is expected, found the end of the file; is it cut short?"),
            ("[1,]", 1, 4, "a value is expected, found ']'"),
            ("[1 2]", 1, 4, "',' or ']' is expected, found '2'"),
            ("[1}", 1, 3, "',' or ']' is expected, found '}'"),
            ("[\u{1}]", 1, 2, "a value is expected, found byte 1"),
            ("\u{FEFF}{}", 1, 1, "a value is expected, found byte 239"),
            ("'a'", 1, 1, "a value is expected, found '''"),
            ("tru", 1, 1, "a value is expected; is 'true' meant?"),
            ("[fals]", 1, 2, "a value is expected; is 'false' meant?"),
            ("None", 1, 1, "a value is expected, found 'N'"),
            ("{} {}", 1, 4, "there is more after the end of the document"),
            ("nullx", 1, 5, "there is more after the end of the document"),
            ("{\"caf\u{E9}\": x}", 1, 10, "a value is expected, found 'x'"),
        ])
    func places(text: String, line: Int, column: Int, message: String) {
        #expect(throws: FileError("line \(line), column \(column)", message)) { try JSON(text: text) }
    }

    @Test(
        "a number that JSON does not have is refused",
        arguments: [
            ("[01]", 4, "a number does not start with 0"),
            ("-", 2, "a digit is expected, found the end of the file; is it cut short?"),
            ("+1", 1, "a value is expected, found '+'"), ("[-x]", 3, "a digit is expected, found 'x'"),
            ("[1.]", 4, "a digit is expected after the point, found ']'"),
            (".5", 1, "a value is expected, found '.'"),
            ("[1e]", 4, "a digit is expected in the exponent, found ']'"),
            ("[1e+-1]", 5, "a digit is expected in the exponent, found '-'"),
            ("[0x10]", 3, "',' or ']' is expected, found 'x'"),
            ("[1e999]", 2, "the number is too large"), ("[-1e309]", 2, "the number is too large"),
            ("NaN", 1, "a value is expected, found 'N'"),
        ])
    func numbers(text: String, column: Int, message: String) {
        #expect(throws: FileError("line 1, column \(column)", message)) { try JSON(text: text) }
    }

    @Test(
        "a text that JSON does not have is refused",
        arguments: [
            (#""abc"#, 1, "the text that starts here never ends"),
            (#"["abc\"]"#, 2, "the text that starts here never ends"),
            (#""abc\"#, 1, "the text that starts here never ends"),
            ("\"a\nb\"", 3, "a control character stands in a text; is its closing quote missing?"),
            (#""a\x41""#, 4, "'\\' is followed by 'x', which means nothing"),
            (#""\u12""#, 4, "four hexadecimal digits are expected after \\u"),
            (#""\u12g4""#, 4, "four hexadecimal digits are expected after \\u"),
            (#""\ud83d""#, 8, "half of a surrogate pair stands alone"),
            (#""\ude00""#, 8, "half of a surrogate pair stands alone"),
            (#""\ud83d\u0041""#, 14, "half of a surrogate pair stands alone"),
            (#""\ud83d\n""#, 8, "half of a surrogate pair stands alone"),
        ])
    func texts(text: String, column: Int, message: String) {
        #expect(throws: FileError("line 1, column \(column)", message)) { try JSON(text: text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused where the text starts",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: FileError("line 1, column 2", "the text is not UTF-8")) {
            try JSON(bytes: Array("[\"ok".utf8) + bytes + Array("\"]".utf8))
        }
    }

    @Test("a key that stands twice is refused at the second")
    func duplicates() {
        #expect(throws: FileError("line 2, column 2", "the key \"a\" stands twice in one object")) {
            try JSON(text: "{\"a\": 1, \"b\": {\"a\": 2},\n \"a\": 3}")
        }
    }

    @Test(
        "lists and objects may be 64 deep inside each other and no deeper",
        arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(opening: String, closing: String) throws {
        let text = { (count: Int) in
            String(repeating: opening, count: count) + "1" + String(repeating: closing, count: count)
        }
        _ = try JSON(text: text(64))
        let column = opening.count * 65 + 1
        #expect(throws: FileError("line 1, column \(column)", "lists and objects go deeper than 64")) {
            try JSON(text: text(65))
        }
    }

    @Test("a file above the size limit is refused unread")
    func size() {
        let bytes = repeatElement(UInt8(ascii: " "), count: JSON.sizeLimit + 1)
        #expect(
            throws: FileError("line 1, column 1", "the file has 67108865 bytes, at most 67108864 are read")
        ) {
            try JSON(bytes: bytes)
        }
    }

    @Test(
        "what an error repeats of a file is one short line",
        arguments: [
            ("\u{1B}[2J", "a\\u{1b}[2Jb"), ("\n", "a\\u{a}b"), ("\u{202E}", "a\\u{202e}b"),
            ("\u{85}", "a\\u{85}b"),
            ("caf\u{E9}", "acaf\u{E9}b"),
        ])
    func oneLine(nasty: String, shown: String) {
        let error = FileError("place" + nasty, "a\(nasty)b")
        #expect(error.message == shown)
        #expect(!error.description.contains("\n"))
    }

    @Test("a long text in an error is cut off")
    func cutOff() {
        let error = FileError("place", String(repeating: "x", count: 100_000))
        #expect(error.message.hasSuffix("xxx...") && error.message.count == 1003)
    }
}
