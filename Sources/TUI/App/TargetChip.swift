import Devices
import Editing
import Terminal

// The chip.
extension ScreenState {
    /// The chip under the cursor while one is chosen: the screen checks for it.
    var previewedDevice: Device? { (popups.last as? ChipPicker)?.current?.device }

    /// Makes a chip the target; nil opens the table of chips.
    mutating func chooseDevice(_ device: Device?) {
        if let device { return setDevice(device) }
        let reports = editor.allReports()
        popups.append(
            ChipPicker(ChipSummary.all(reports, of: editor.analysis), current: editor.device))
    }

    mutating func setDevice(_ device: Device) {
        if let reason = whyNotEditable { return refuse(reason) }
        guard editor.setDevice(device, at: now) else { return say("the target is \(device) already") }
        changed()
        let report = editor.report
        say(
            "target \(device): \(report.count(.error)) must fix, \(report.warnings) to consider",
            undoable: true)
    }
}
