import Terminal

// The commands of the boxes of view 1.
extension Command {
    static let boxes: [Command] = [
        Command("box-left", [.left, "h"], in: .boxes, "to the box at the left, in another branch") {
            $0.moveBeside(-1)
        },
        Command("box-right", [.right, "l"], in: .boxes, "to the box at the right, in another branch") {
            $0.moveBeside(1)
        },
    ]
}
