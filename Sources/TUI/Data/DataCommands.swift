import Datasets
import Editing
import Graph
import Probing
import Terminal

// The commands of view 6: the pictures of the data set.
extension Command {
    static let pictures: [Command] = [
        Command(
            "next-picture", ["n", .right, "l"], in: .pictures, "to the next picture or cell", hint: "next",
            unless: { $0.whyNoPicture }
        ) { $0.stepThroughData(1) },
        Command(
            "previous-picture", ["p", .left, "h"], in: .pictures, "to the picture or cell before",
            unless: { $0.whyNoPicture }
        ) { $0.stepThroughData(-1) },
        Command(
            "class", ["c"], in: .pictures, "shows only pictures of a class", hint: "class",
            parameter: .text("[NAME]"), unless: { $0.whyNoClasses }
        ) { screen, name in screen.chooseClass(name) },
        Command(
            "worst", ["w"], in: .pictures, "the largest loss first; again: by number",
            hint: "worst", unless: { $0.whyNotSorted }
        ) { $0.sortPictures(by: .worst) },
        Command(
            "changed", ["x"], in: .pictures, "first those whose answer quantizing changed", hint: "changed",
            unless: { $0.whyNotSorted }
        ) { $0.sortPictures(by: .changed) },
        Command(
            "confusion", ["m"], in: .pictures, "confusion matrix; again: the float network's",
            hint: "confusion", unless: { $0.whyNoConfusion }
        ) { $0.showConfusion() },
        Command(
            "augmented", ["a"], in: .pictures, "as the next epoch of training changes them",
            hint: "augmented", unless: { $0.whyNotAugmented }
        ) { $0.showAugmented() },
        Command(
            "split", ["s"], in: .pictures, "training, validation or test samples", hint: "split",
            unless: { $0.whyNoData }
        ) { $0.showNextSplit() },
        Command(
            "data-set", ["d"], in: .pictures, "another data set, for the next run too", hint: "data",
            parameter: .text("[SPEC]")
        ) { screen, text in screen.chooseData(text) },
        Command(
            "number", ["/"], in: .pictures, "to the sample of a number, from 0", hint: "number",
            parameter: .text("[NUMBER]"), unless: { $0.whyNoPicture }
        ) { screen, text in screen.goToSample(text) },
        Command("larger", ["+", "="], in: .pictures, "fewer and larger pictures") {
            $0.resizePictures(-1)
        },
        Command("smaller", ["-"], in: .pictures, "more and smaller pictures") { $0.resizePictures(1) },
    ]
}

// Why commands cannot be done now; nil where they can.
extension ScreenState {
    var whyNoData: String? {
        switch data.outline {
        case .success: nil
        case .failure: "the data set cannot be opened; \(key("data-set")) opens another"
        case nil: data.source == nil ? "the network has no input" : "the data set is being opened"
        }
    }

    var whyNoPicture: String? { whyNoData ?? (data.count == 0 ? "no picture is shown" : nil) }

    var whyNoClasses: String? {
        if let reason = whyNoData { return reason }
        if data.opened?.isLabelled == false { return "the data set has no labels" }
        switch editor.network.task.kind {
        case .classification, .detection: return nil
        case .segmentation, .regression: return "samples with masks and numbers have no class to be found by"
        }
    }

    var whyNotAugmented: String? {
        if let reason = whyNoPicture { return reason }
        return data.opened?.isAugmented == false
            ? "the data set changes nothing at random; \(key("data-set")) and augment=flip would" : nil
    }

    /// Shows one row of pictures more, or one less where the count is negative.
    mutating func resizePictures(_ count: Int) {
        let before = dataLayout.rows
        data.extraRows += count
        if dataLayout.rows == before {
            data.extraRows -= count
            refuse(count < 0 ? "pictures are as large as they get" : "pictures are as small as they get")
        }
    }
}
