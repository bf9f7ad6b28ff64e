public import Terminal

/// What a terminal shows: an interpreter of the sequences that ncurses writes for xterm-256color.
public struct VirtualScreen {
    /// The look of a cell.
    public struct Look: Hashable, Sendable {
        /// Index of the colour, or 2^24 and more for red, green and blue, or nil for the terminal's own.
        public var colour: Int?
        /// The same of the ground.
        public var ground: Int?
        public var isBold = false
        public var isDim = false
        public var isUnderlined = false
        public var isReversed = false

        /// Plain.
        public init() {}
    }

    /// Rows and columns.
    public private(set) var size: Size
    /// Where the cursor is.
    public private(set) var cursor = Position(row: 0, column: 0)
    /// Modes that are on: 1049 the alternate screen, 25 the cursor, 1002 and 1006 the mouse, 2004 paste.
    public private(set) var modes: Set<Int> = [25]
    /// Bytes read so far.
    public private(set) var byteCount = 0
    /// Whether any colour was asked for.
    public private(set) var hasUsedColour = false
    /// Texts of the operating-system commands, such as the clipboard's.
    public private(set) var commands: [String] = []
    /// What could not be understood.
    public private(set) var unknown: [String] = []
    private var cells: [(character: Unicode.Scalar, marks: [Unicode.Scalar], look: Look)] = []
    private var look = Look()
    private var region: Range<Int>
    private var pending: [UInt8] = []
    private var last: Unicode.Scalar = " "
    /// The cursor stands behind the last column: the next character wraps.
    private var wraps = false

    /// A blank screen.
    public init(_ size: Size) {
        self.size = size
        region = 0..<size.rows
        clearAll()
    }

    /// The terminal has another size now; what was shown is forgotten.
    public mutating func resize(_ size: Size) {
        self.size = size
        region = 0..<size.rows
        clearAll()
        // What was on its way is for the old size: the cursor stays inside.
        move(cursor.row, cursor.column)
        wraps = false
    }

    /// What a row shows, without blanks at its end.
    public func text(row: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for column in 0..<size.columns {
            let cell = cells[row * size.columns + column]
            guard cell.character != Cell.tail else { continue }
            scalars.append(cell.character)
            scalars.append(contentsOf: cell.marks)
        }
        var text = String(scalars)
        while text.last == " " { text.removeLast() }
        return text
    }

    /// All rows.
    public var text: String { (0..<size.rows).map { text(row: $0) }.joined(separator: "\n") }

    /// The look of a cell.
    public func look(_ row: Int, _ column: Int) -> Look { cells[row * size.columns + column].look }

    /// Reads what a program wrote; a sequence that is not complete waits for the rest.
    public mutating func read(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var place = 0
        while place < pending.count, let length = take(pending[place...]) {
            place += length
            byteCount += length
        }
        pending.removeFirst(place)
    }

    private mutating func clearAll() {
        cells = Array(repeating: (" ", [], Look()), count: size.rows * size.columns)
    }
}

// Characters.
extension VirtualScreen {
    /// Acts on the first character or sequence and gives its length; nil where it is not complete.
    private mutating func take(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        switch first {
        case 0x1B: return takeEscape(bytes)
        case 0x08: cursor.column = max(0, cursor.column - 1)
        case 0x09: cursor.column = min(size.columns - 1, cursor.column / 8 * 8 + 8)
        case 0x0A: lineFeed()
        case 0x0D: cursor.column = 0
        case 0..<0x20: break
        case 0x20..<0x80: put(Unicode.Scalar(first))
        default:
            let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            guard bytes.count >= length else { return nil }
            let text = String(decoding: bytes.prefix(length), as: UTF8.self)
            text.unicodeScalars.forEach { put($0) }
            return length
        }
        if first < 0x20 { wraps = false }
        return 1
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width = min(size.columns, Character(scalar).displayWidth)
        if width == 0 {
            let column = wraps ? cursor.column : max(0, cursor.column - 1)
            cells[cursor.row * size.columns + column].marks.append(scalar)
            return
        }
        if wraps || cursor.column + width > size.columns {
            cursor.column = 0
            lineFeed()
        }
        wraps = false
        cells[cursor.row * size.columns + cursor.column] = (scalar, [], look)
        if width == 2 { cells[cursor.row * size.columns + cursor.column + 1] = (Cell.tail, [], look) }
        cursor.column += width
        last = scalar
        if cursor.column >= size.columns {
            cursor.column = size.columns - 1
            wraps = true
        }
    }

    private mutating func lineFeed() {
        if cursor.row == region.upperBound - 1 {
            scroll(1)
        } else {
            cursor.row = min(size.rows - 1, cursor.row + 1)
        }
    }

    /// Moves the rows of the region up, or down where the count is negative.
    private mutating func scroll(_ count: Int, in rows: Range<Int>? = nil) {
        let rows = rows ?? region
        for _ in 0..<min(abs(count), rows.count) {
            let blank = Array(
                repeating: (character: Unicode.Scalar(" "), marks: [Unicode.Scalar](), look: Look()),
                count: size.columns)
            let (first, last) = (rows.lowerBound * size.columns, (rows.upperBound - 1) * size.columns)
            if count > 0 {
                cells.removeSubrange(first..<first + size.columns)
                cells.insert(contentsOf: blank, at: last)
            } else {
                cells.removeSubrange(last..<last + size.columns)
                cells.insert(contentsOf: blank, at: first)
            }
        }
    }
}

// Sequences.
extension VirtualScreen {
    private mutating func takeEscape(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count > 1 else { return nil }
        let rest = bytes.dropFirst()
        guard let kind = rest.first else { return nil }
        switch kind {
        case UInt8(ascii: "["): return takeControl(bytes)
        case UInt8(ascii: "]"), UInt8(ascii: "P"):
            // Up to BEL or ST.
            guard let end = rest.firstIndex(where: { $0 == 7 || $0 == 0x1B && $0 != rest.first }) else {
                return nil
            }
            commands.append(
                String(decoding: rest.dropFirst().prefix { $0 != 7 && $0 != 0x1B }, as: UTF8.self))
            let length = end - bytes.startIndex + 1
            return bytes[end] == 7 ? length : bytes.count > length ? length + 1 : nil
        case UInt8(ascii: "("), UInt8(ascii: ")"): return bytes.count > 2 ? 3 : nil
        case UInt8(ascii: "M"):
            if cursor.row == region.lowerBound { scroll(-1) } else { cursor.row = max(0, cursor.row - 1) }
        case UInt8(ascii: "7"), UInt8(ascii: "8"), UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "c"):
            break
        default: unknown.append("ESC \(kind)")
        }
        return 2
    }

    private mutating func takeControl(_ bytes: ArraySlice<UInt8>) -> Int? {
        let body = bytes.dropFirst(2)
        guard let end = body.firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
        var text = String(decoding: body[..<end], as: UTF8.self)
        let isPrivate = text.hasPrefix("?")
        if isPrivate { text.removeFirst() }
        let numbers = text.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
        control(Character(Unicode.Scalar(bytes[end])), numbers, isPrivate)
        return end - bytes.startIndex + 1
    }

    private mutating func control(_ letter: Character, _ numbers: [Int?], _ isPrivate: Bool) {
        func number(_ index: Int, or standard: Int = 1) -> Int {
            numbers.indices.contains(index) ? numbers[index] ?? standard : standard
        }
        let wrapped = wraps
        wraps = false
        switch letter {
        case "H", "f": move(number(0) - 1, number(1) - 1)
        case "A": move(cursor.row - number(0), cursor.column)
        case "B", "e": move(cursor.row + number(0), cursor.column)
        case "C", "a": move(cursor.row, cursor.column + number(0))
        case "D": move(cursor.row, cursor.column - number(0))
        case "G", "`": move(cursor.row, number(0) - 1)
        case "d": move(number(0) - 1, cursor.column)
        case "J": erase(number(0, or: 0), all: true)
        case "K": erase(number(0, or: 0), all: false)
        case "X": blank(cursor.column..<min(size.columns, cursor.column + number(0)))
        case "P": shift(-number(0))
        case "@": shift(number(0))
        case "L": scroll(-number(0), in: cursor.row..<max(cursor.row, region.upperBound))
        case "M": scroll(number(0), in: cursor.row..<max(cursor.row, region.upperBound))
        case "S": scroll(number(0))
        case "T": scroll(-number(0))
        case "b":
            wraps = wrapped
            for _ in 0..<number(0) { put(last) }
        case "r":
            let end = min(size.rows, number(1, or: size.rows))
            // A region of the size before has no rows here: then it is the whole screen.
            region = number(0) - 1 < end ? max(0, number(0) - 1)..<end : 0..<size.rows
            move(0, 0)
        case "m": style(numbers.map { $0 ?? 0 })
        case "h", "l": if isPrivate { mode(numbers.compactMap { $0 }, letter == "h") }
        case "t", "n", "c", "g", "p": break
        default: unknown.append("CSI \(letter)")
        }
    }

    private mutating func mode(_ numbers: [Int], _ isOn: Bool) {
        for number in numbers {
            if isOn { modes.insert(number) } else { modes.remove(number) }
            if number == 1049 { clearAll() }
        }
    }

    private mutating func move(_ row: Int, _ column: Int) {
        cursor = Position(
            row: min(size.rows - 1, max(0, row)), column: min(size.columns - 1, max(0, column)))
    }

    private mutating func blank(_ columns: Range<Int>, row: Int? = nil) {
        for column in columns { cells[(row ?? cursor.row) * size.columns + column] = (" ", [], Look()) }
    }

    private mutating func erase(_ kind: Int, all: Bool) {
        let columns =
            kind == 0 ? cursor.column..<size.columns : kind == 1 ? 0..<cursor.column + 1 : 0..<size.columns
        blank(columns)
        guard all else { return }
        let rows = kind == 0 ? cursor.row + 1..<size.rows : kind == 1 ? 0..<cursor.row : 0..<size.rows
        for row in rows { blank(0..<size.columns, row: row) }
    }

    /// Moves the rest of the row to the right, or to the left where the count is negative.
    private mutating func shift(_ count: Int) {
        let start = cursor.row * size.columns
        var row = Array(cells[start..<start + size.columns])
        let blank = (character: Unicode.Scalar(" "), marks: [Unicode.Scalar](), look: Look())
        for _ in 0..<min(abs(count), size.columns - cursor.column) {
            if count > 0 {
                row.insert(blank, at: cursor.column)
                row.removeLast()
            } else {
                row.remove(at: cursor.column)
                row.append(blank)
            }
        }
        cells.replaceSubrange(start..<start + size.columns, with: row)
    }

    private mutating func style(_ numbers: [Int]) {
        var index = 0
        while index < numbers.count {
            switch numbers[index] {
            case 0: look = Look()
            case 1: look.isBold = true
            case 2: look.isDim = true
            case 4: look.isUnderlined = true
            case 7: look.isReversed = true
            case 22: (look.isBold, look.isDim) = (false, false)
            case 24: look.isUnderlined = false
            case 27: look.isReversed = false
            case 30...37: setColour(numbers[index] - 30)
            case 90...97: setColour(numbers[index] - 82)
            case 39: look.colour = nil
            case 40...47: look.ground = numbers[index] - 40
            case 100...107: look.ground = numbers[index] - 92
            case 49: look.ground = nil
            case 38, 48:
                let isGround = numbers[index] == 48
                guard let (colour, length) = colour(numbers[index...]) else {
                    unknown.append("SGR \(numbers)")
                    return
                }
                if isGround { look.ground = colour } else { setColour(colour) }
                index += length
            default: unknown.append("SGR \(numbers[index])")
            }
            index += 1
        }
    }

    /// The colour behind a 38 or 48, and how many numbers say it.
    private func colour(_ numbers: ArraySlice<Int>) -> (colour: Int, length: Int)? {
        let rest = Array(numbers.dropFirst())
        if rest.count >= 2, rest[0] == 5 { return (rest[1], 2) }
        guard rest.count >= 4, rest[0] == 2 else { return nil }
        return (VirtualScreen.colour(red: rest[1], green: rest[2], blue: rest[3]), 4)
    }

    /// The number of a colour that is none of a palette.
    public static func colour(red: Int, green: Int, blue: Int) -> Int {
        1 << 24 | red << 16 | green << 8 | blue
    }

    private mutating func setColour(_ colour: Int) {
        look.colour = colour
        hasUsedColour = true
    }
}
