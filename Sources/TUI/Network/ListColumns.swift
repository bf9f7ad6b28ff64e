import Devices
import Editing
import Graph
import Terminal

/// The columns of the list of layers, right edges and all.
struct ListColumns {
    /// Cells that the widest texts of a network take.
    struct Widths: Hashable, Sendable {
        var names = 8
        var kinds = 8
        /// 0 where no layer has a note.
        var notes = 0
    }

    var number: Int
    var name: Int
    var kind: Int
    var shape: Int
    var weightBits: Int
    var featureBits: Int
    var clip: Int
    var sqnr: Int
    var bar: Int
    /// Where the bars end.
    var barEnd: Int
    /// Right edges of what only a wide list has; nil in a narrow one.
    var extra: (bytes: Int, macs: Int, saturated: Int, zeros: Int)?
    /// Where remarks begin; nil without room, and where there is none.
    var note: Int?
    var end: Int

    /// Columns that fit a width, with so many cells for lanes at the left and so many digits. What names and operators do
    /// not need goes to the bars of a wide list; where there is too little for both, operators are shortened first.
    init(_ rect: Rect, _ widths: Widths, rails: Int, digits: Int) {
        let isWide = rect.columns >= 96
        end = rect.endColumn - 2
        number = rect.column + 2 + rails + max(2, digits)
        name = number + 2
        let notes =
            widths.notes > 0 && rect.columns >= 124 ? min(widths.notes + 1, 60, rect.columns - 104) : 0
        barEnd = end - (isWide ? 32 + notes : 0)
        if isWide {
            let start = barEnd - 1
            extra = (start + 8, start + 16, start + 23, start + 30)
            if notes > 0 { note = start + 33 }
        }
        let leastBar = rect.columns >= 78 ? 8 : rect.columns >= 70 ? 5 : 0
        // From the end of the shapes to the end of the bars.
        let numbers = 10 + 3 + 3 + 6 + 6 + 1 + 1 + leastBar
        let spare = barEnd - numbers - name - (widths.names + 1) - (widths.kinds + 1)
        let barWidth = leastBar + (isWide ? min(max(0, spare), 24) : 0)
        bar = barEnd - barWidth - 1
        sqnr = bar - 1
        clip = sqnr - 6
        featureBits = clip - 6
        weightBits = featureBits - 3
        shape = weightBits - 3 - 10
        let room = shape - name - 1
        kind = name + min(max(8, widths.names + 1), max(8, room / 2, room - widths.kinds))
    }
}
