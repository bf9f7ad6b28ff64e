import CCurses
import Glibc

/// The one place that knows curses: presents frames, reads keys. Belongs to the thread that made it.
package final class CursesScreen {
    /// The terminal; curses has a copy of it for its output.
    let terminal: Int32
    private let window: UnsafeMutablePointer<WINDOW>
    private var inks: InkPairs
    private let options: TerminalOptions
    private var pairs: PixelPairs
    private let output: UnsafeMutablePointer<FILE>
    private let notifications: Notifications
    /// The title of the window; nil where the terminal's own one was left.
    private var title: String?
    private var row: [cchar_t] = []
    private let savedOutputs: (Int32, Int32)
    private var shown: Frame?
    private(set) var hasMouse = false
    private var (isPaused, isLeft) = (false, false)

    /// Takes the terminal: alternate screen, raw keys; descriptors 1 and 2 lead into a log meanwhile.
    package init(_ options: TerminalOptions) throws(TerminalError) {
        if let problem = TerminalOptions.problem { throw .none(problem) }
        terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10)
        guard terminal >= 0, let file = fdopen(fcntl(terminal, F_DUPFD_CLOEXEC, 10), "w") else {
            throw .system("the terminal cannot be opened", errno)
        }
        output = file
        use_env(false)
        guard CursesScreen.start(on: file), let screen = cc_screen() else {
            throw .unknown(Environment["TERM"] ?? "")
        }
        window = screen
        savedOutputs = CursesScreen.divert(to: options.log)
        raw()
        noecho()
        nonl()
        nodelay(window, true)
        keypad(window, true)
        leaveok(window, false)
        scrollok(window, false)
        if Environment["ESCDELAY"] == nil { set_escdelay(25) }
        notifications = options.notifications
        self.options = options
        inks = InkPairs(
            options.theme, hasColour: options.hasColour, hasTrueColour: options.hasTrueColour)
        pairs = PixelPairs(from: InkPairs.pictureCell + 1)
        // Cells that curses moved would take colours with them that it does not know of.
        if inks.colours == .all { idcok(window, false) }
        fillGround()
        KeyReader.define()
        curs_set(0)
        write("\u{1B}[?2004h")
        setMouse(options.hasMouse)
        // Curses has the size that the terminal's entry names, until it is told.
        resize()
    }

    /// Starts curses for the terminal of TERM. One that has no entry here is taken for an xterm, whose sequences nearly all
    /// terminals obey.
    private static func start(on file: UnsafeMutablePointer<FILE>) -> Bool {
        if newterm(nil, file, stdinFile()) != nil { return true }
        for name in ["xterm-256color", "xterm"] where newterm(name, file, stdinFile()) != nil { return true }
        return false
    }

    /// Rows and columns of the terminal now.
    var size: Size {
        var rows: Int32 = 0
        let columns = cc_columns(terminal, &rows)
        return columns > 0 && rows > 0
            ? Size(rows: Int(rows), columns: Int(columns)) : Size(rows: 24, columns: 80)
    }

    /// Shows a frame; what is the same as before costs nothing on the wire.
    package func present(_ frame: Frame) {
        let rows = Int(getmaxy(window))
        let columns = Int(getmaxx(window))
        if row.count < columns { row = [cchar_t](repeating: cchar_t(), count: columns) }
        if pairs.isFull {
            pairs.removeAll()
            shown = nil
        }
        let isSameSize = shown?.size == frame.size
        var changed: [Int] = []
        for y in 0..<min(rows, frame.size.rows) {
            if isSameSize, let shown, shown.row(y) == frame.row(y) { continue }
            put(frame, y, min(columns, frame.size.columns))
            changed.append(y)
        }
        shown = frame
        curs_set(frame.showsCursor ? 1 : 0)
        wmove(window, Int32(min(frame.cursor.row, rows - 1)), Int32(min(frame.cursor.column, columns - 1)))
        wnoutrefresh(window)
        doupdate()
        guard inks.colours == .all else { return }
        let painted = TrueColour.paint(frame, rows: changed)
        // Curses counts on the cursor where it left it.
        if !painted.isEmpty { write(painted + "\u{1B}[\(getcury(window) + 1);\(getcurx(window) + 1)H") }
    }

    private func put(_ frame: Frame, _ y: Int, _ columns: Int) {
        var count = 0
        for x in 0..<columns {
            let cell = frame[y, x]
            // Curses puts the second cell of a wide character there by itself.
            if cell.scalar == Cell.tail { continue }
            if let pixels = cell.pixels, put(pixels, y, x, into: &row[count]) {
                count += 1
                continue
            }
            let isCut = x == columns - 1 && frame.isWide(y, x)
            let look = inks.look(cell.style)
            cc_cell(
                &row[count], wchar_t(bitPattern: isCut ? 0x20 : cell.scalar.value),
                wchar_t(bitPattern: cell.mark?.value ?? 0), look.attributes, look.pair)
            count += 1
        }
        row.withUnsafeBufferPointer { buffer in
            _ = mvwadd_wchnstr(window, Int32(y), 0, buffer.baseAddress, Int32(count))
        }
    }

    /// Makes a cell of a picture; false where the terminal has no colours for it.
    private func put(_ pixels: PixelPair, _ y: Int, _ x: Int, into cell: inout cchar_t) -> Bool {
        guard let palette = inks.palette else { return false }
        if inks.colours == .all {
            cc_cell(&cell, 0x2580, 0, 0, InkPairs.pictureCell)
            return true
        }
        let wanted = PaletteCell(pixels, palette, row: y, column: x)
        guard let pair = pairs.number(wanted.foreground, wanted.background) else { return false }
        cc_cell(&cell, wchar_t(bitPattern: wanted.scalar.value), 0, 0, pair)
        return true
    }

    /// The terminal has another size.
    func resize() {
        let size = size
        resizeterm(Int32(size.rows), Int32(size.columns))
        shown = nil
        werase(window)
    }

    /// Draws everything anew at the next frame.
    func redraw() {
        shown = nil
        clearok(cc_shown(), true)
        werase(window)
    }

    /// Takes the colours of a theme; everything is drawn anew.
    func setTheme(_ theme: Theme) {
        inks = InkPairs(theme, hasColour: options.hasColour, hasTrueColour: options.hasTrueColour)
        fillGround()
        redraw()
    }

    /// What is erased has the ground of the theme.
    private func fillGround() {
        var blank = cchar_t()
        cc_cell(&blank, 0x20, 0, 0, inks.blank)
        wbkgrnd(window, &blank)
    }

    /// The next thing that the person did; nil while there is none.
    func read() -> InputEvent? { KeyReader.read(window) }

    /// Takes the mouse, or leaves it to the terminal.
    func setMouse(_ isOn: Bool) {
        mousemask(isOn ? cc_click | cc_release | cc_wheel_up | cc_wheel_down | cc_drag : 0, nil)
        mouseinterval(0)
        hasMouse = isOn
        // Moves with a button down; plain moves stay the terminal's.
        write(isOn ? "\u{1B}[?1002h\u{1B}[?1006h" : "\u{1B}[?1002l\u{1B}[?1006l")
    }

    /// Names the window (OSC 2). The title of before is put on the terminal's stack first.
    func setTitle(_ text: String) {
        // The Linux console has no window, and shows what it does not know.
        guard Environment["TERM"] != "linux", text != title else { return }
        if title == nil { write("\u{1B}[22;2t") }
        title = text
        write("\u{1B}]2;\(text.printable)\u{07}")
    }

    /// Tells the terminal that something has ended.
    func notify(title: String, text: String) {
        let inTmux = Environment["TMUX"] != nil
        if let bytes = notifications.sequence(title: title, text: text, inTmux: inTmux) { write(bytes) }
    }

    /// Writes bytes to the terminal beside curses.
    package func write(_ text: String) {
        fflush(output)
        Descriptor.writeAll(terminal, text)
    }

    /// Gives the terminal back for a while: `redraw` and `return` take it again.
    func pause() {
        isPaused = true
        write("\u{1B}[?2004l\u{1B}[?1002l\u{1B}[?1006l")
        if title != nil { write("\u{1B}[23;2t") }
        curs_set(1)
        endwin()
        fflush(output)
    }

    /// Takes the terminal again after `pause`.
    func resume() {
        isPaused = false
        wrefresh(window)
        write("\u{1B}[?2004h")
        if let title {
            self.title = nil
            setTitle(title)
        }
        setMouse(hasMouse)
        resize()
        redraw()
    }

    /// Gives the terminal back for good.
    package func leave() {
        guard !isLeft else { return }
        isLeft = true
        if !isPaused { pause() }
        dup2(savedOutputs.0, STDOUT_FILENO)
        dup2(savedOutputs.1, STDERR_FILENO)
    }

    deinit { leave() }

    /// Leads descriptors 1 and 2 into a file; gives copies of what they were.
    private static func divert(to log: String?) -> (Int32, Int32) {
        let saved = (fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10), fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10))
        var file = log.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) } ?? -1
        if file < 0 { file = open("/dev/null", O_WRONLY | O_CLOEXEC) }
        dup2(file, STDOUT_FILENO)
        dup2(file, STDERR_FILENO)
        close(file)
        return saved
    }
}

/// Standard input as curses wants it.
private func stdinFile() -> UnsafeMutablePointer<FILE>? { fdopen(STDIN_FILENO, "r") }

/// Writing to descriptors.
package enum Descriptor {
    /// Writes all of a text, however often it takes; stops where the other end is closed.
    package static func writeAll(_ descriptor: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}

extension Frame {
    /// The cells of a row.
    func row(_ row: Int) -> ArraySlice<Cell> { cells[row * size.columns..<(row + 1) * size.columns] }

    /// Whether the character at a place takes the next cell too.
    func isWide(_ row: Int, _ column: Int) -> Bool { Character(self[row, column].scalar).displayWidth == 2 }
}
