import Devices
import Editing
import Graph
import QAT
import Terminal

// The chip.
extension ScreenState {
    /// The chip under the cursor while one is picked: the screen checks for it.
    var previewedDevice: Device? {
        (popups.last as? Picker)?.current?.device
    }

    var isPickingDevice: Bool { (popups.last as? Picker)?.isOfDevices ?? false }

    /// Makes a chip the target; nil asks for it.
    mutating func chooseDevice(_ device: Device?) {
        if let device { setDevice(device) } else { openDevices() }
    }

    private mutating func openDevices() {
        let reports = editor.allReports()
        let entries = reports.map { report in
            let errors = report.count(.error)
            return Picker.Entry(
                title: report.device.rawValue,
                detail:
                    "\(appearance.glyphs.mustFix)\(errors) \(appearance.glyphs.advice)\(report.warnings)   \(report.device.family.rawValue) arithmetic",
                note: report.device == editor.device ? "current" : "",
                completion: report.device.rawValue, device: report.device
            ) { $0.setDevice(report.device) }
        }
        let current = reports.firstIndex { $0.device == editor.device } ?? 0
        popups.append(
            Picker("target chip: the findings follow the cursor", entries, width: 50, selected: current))
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
