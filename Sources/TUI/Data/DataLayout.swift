import Graph
import Probing
import Terminal

/// Where view 6 puts its pictures: many small ones in rows, or a large one beside what is said of it.
struct DataLayout: Hashable {
    /// The row above the pictures.
    let head: Rect
    /// The row below the pictures.
    let foot: Rect
    /// Where pictures are.
    let area: Rect
    /// Rows of pictures.
    let rows: Int
    /// Pictures in a row.
    let perRow: Int
    /// The cells of a small picture with the line below it and the gap beside it.
    let tile: Size
    /// The pixels of a small picture.
    let small: PixelRoom
    /// Where the large picture is.
    let large: Rect
    /// Where it is described.
    let details: Rect

    /// The most pixels that a picture has.
    struct PixelRoom: Hashable {
        var height: Int
        var width: Int
    }

    /// The layout in a part of the screen for inputs of a shape, with more rows of pictures than usual, or less.
    init(in rect: Rect, of shape: Shape, extraRows: Int) {
        var rect = rect
        head = rect.takeTop(1)
        foot = rect.takeBottom(1)
        area = rect
        let proportions = DataLayout.proportions(of: shape)
        rows = max(1, min(rect.rows / 4, rect.rows / 8 + extraRows))
        let tileRows = max(2, rect.rows / rows)
        let height = 2 * (tileRows - 1)
        // A column at the right is the scroll bar's, one of every picture the mark's.
        let room = max(1, rect.columns - 3)
        let width = min(room, max(4, Int(held: Double(height) * proportions)))
        small = PixelRoom(height: height, width: width)
        tile = Size(rows: tileRows, columns: max(width + 2, 12))
        perRow = max(1, rect.columns / tile.columns)
        let wanted = Int(held: Double(2 * rect.rows) * proportions) + 2
        details = rect.takeRight(min(44, max(26, rect.columns - wanted - 1)))
        rect.columns -= 1
        large = rect
    }

    /// Width by height of an input as a picture, held between 1/3 and 3.
    private static func proportions(of shape: Shape) -> Double {
        switch shape {
        case .map(_, let height, let width): held(width, height)
        case .sequence(let length, let features): held(length, features)
        case .vector: 1
        }
    }

    private static func held(_ width: Int, _ height: Int) -> Double {
        min(3, max(1 / 3, Double(width) / Double(max(1, height))))
    }

    /// Pictures on a screen.
    var perPage: Int { rows * perRow }

    /// Where the small picture at a row and column of the sheet is, without the line below it.
    func picture(row: Int, column: Int) -> Rect {
        Rect(
            row: area.row + row * tile.rows, column: area.column + column * tile.columns + 1,
            rows: tile.rows - 1, columns: small.width)
    }
}
