import Terminal

// The commands of view 1 as boxes.
extension Command {
    static let boxes: [Command] = [
        Command(
            "boxes", ["v"], in: .network, "the network as boxes and wires, or as a list again", hint: "boxes"
        ) {
            $0.toggleBoxes()
        },
        Command("box-left", [.left, "h"], in: .boxes, "to the box at the left, in another branch") {
            $0.moveBeside(-1)
        },
        Command("box-right", [.right, "l"], in: .boxes, "to the box at the right, in another branch") {
            $0.moveBeside(1)
        },
    ]
}
