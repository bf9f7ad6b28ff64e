import Foundation
import Terminal

/// A small program on a terminal, for the tests of `Terminal`: shows what it was told, and dies in any way that a key asks for.
@main
final class ScreenChild: TerminalProgram {
    typealias Message = Int

    private var events: [String] = []
    private var ticks = 0
    /// Which of two pictures is shown; 0 for none.
    private var pictures = 0
    private var requests: [TerminalRequest] = []
    private var size = Size(rows: 0, columns: 0)
    private let inbox: Inbox<Int>

    init(_ inbox: Inbox<Int>) { self.inbox = inbox }

    static func main() {
        if let problem = TerminalOptions.problem {
            FileHandle.standardError.write(Data((problem + "\n").utf8))
            exit(2)
        }
        if let status = Guardian.watch(notice: "Nothing was lost.") { exit(status) }
        Signals.block()
        let inbox = Inbox<Int>()
        do {
            exit(try TerminalLoop(ScreenChild(inbox), inbox: inbox, options: TerminalOptions()).run())
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(2)
        }
    }

    func handle(_ input: InputEvent) {
        switch input {
        case .resize(let size):
            self.size = size
            return
        case .key(.character("q")): requests.append(.leave(7))
        case .key(.control("z")): requests.append(.suspend)
        case .key(.control("l")): requests.append(.redraw)
        case .key(.character("M")): requests.append(.mouse(false))
        case .key(.character("y")): requests.append(.copy("copied text"))
        case .key(.character("A")): abort()
        case .key(.character("T")): trap()
        case .key(.character("S")): UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
        case .key(.character("P")): print("a stray line"); fflush(nil)
        case .key(.character("W")): startWorker()
        case .key(.character("i")): pictures = pictures == 0 ? 1 : 0
        case .key(.character("I")): pictures = 2
        case .mouse(let mouse):
            events.append("\(mouse.action) at row \(mouse.position.row), column \(mouse.position.column)")
            return
        case .key, .paste: break
        }
        events.append("\(input)")
    }

    /// An index that is not there.
    private func trap() { events.append(events[events.count + 1]) }

    private func startWorker() {
        let inbox = inbox
        Thread.detachNewThread {
            for tick in 1...20 { inbox.send(tick) }
        }
    }

    func receive(_ messages: [Int]) { ticks += messages.count }
    func wake() {}
    var deadline: Double? { nil }
    func takeRequest() -> TerminalRequest? { requests.isEmpty ? nil : requests.removeFirst() }
    func leave(because reason: LeaveReason) {}

    func draw(_ size: Size) -> Frame {
        var frame = Frame(size)
        frame.put("size \(size.rows)x\(size.columns) ticks \(ticks) events \(events.count)", 0, 0, .strong)
        for (row, event) in events.suffix(max(0, size.rows - 4)).enumerated() { frame.put(event, row + 1, 0) }
        if pictures > 0 {
            for column in 0..<8 {
                let upper = Pixel(UInt8(column * 30), pictures == 1 ? 0 : 200, 0)
                frame[size.rows - 4, 10 + column] = Cell("#", PixelPair(upper, Pixel(0, 0, 255)))
            }
        }
        frame.put("网络 ─ ✗ ⣿ end", size.rows - 2, 0, .error)
        // The cell in the corner, which must not scroll the screen.
        frame.put("x", size.rows - 1, size.columns - 1, .accent)
        frame.cursor = Position(row: 1, column: 2)
        return frame
    }
}
