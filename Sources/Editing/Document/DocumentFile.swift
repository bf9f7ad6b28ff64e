import Devices
public import Graph

/// The text of `network.json`: one line for each input, layer and waiver, so that a change is a line of a diff.
extension Document {
    /// Reads a `network.json`; the error says where in the file it is.
    public init(bytes: some Collection<UInt8>) throws(FileError) {
        var file = try ObjectReader(try JSON(bytes: bytes), at: "")
        try Document.checkFormat(file.take("format"))
        let device = try Document.device(named: file.takeText("device"))
        let network = try Network(reading: &file)
        var waivers: [Waiver] = []
        for (index, value) in try file.takeList("waivers").enumerated() {
            waivers.append(try Waiver(value, at: "waivers[\(index)]", in: network))
        }
        let (plan, screen) = (file.take("plan"), file.take("screen"))
        try file.finish("a network.json")
        self.init(network: network, device: device, waivers: waivers)
        self.plan = plan
        self.screen = screen
    }

    /// The document as the text of a `network.json`; what was left at the manual's defaults is left out.
    public var text: String {
        var members = [
            "\"format\": \(Document.format)", "\"device\": \(JSON.string(device.rawValue).compact)",
            "\"inputs\": \(Document.lines(network.inputLines))",
            "\"layers\": \(Document.lines(network.layerLines))",
        ]
        if !waivers.isEmpty { members.append("\"waivers\": \(Document.lines(waivers.map(\.json)))") }
        if let task = network.taskLines { members.append("\"task\": \(task)") }
        for (key, value) in [("plan", plan), ("screen", screen)] {
            // No text inside JSON holds a line break of its own, so every one is a place to indent.
            if let value, value != .null {
                members.append("\"\(key)\": " + value.pretty.split(separator: "\n").joined(separator: "\n  "))
            }
        }
        return "{\n  " + members.joined(separator: ",\n  ") + "\n}\n"
    }

    private static func lines(_ values: [JSON]) -> String {
        values.isEmpty ? "[]" : "[\n    " + values.map(\.compact).joined(separator: ",\n    ") + "\n  ]"
    }

    private static func device(named name: String?) throws(FileError) -> Device {
        let names = Device.allCases.map(\.rawValue)
        let all = names.joined(separator: ", ")
        guard let name else { throw FileError("device", "is missing; the chips are \(all)") }
        if let device = Device(name: name) { return device }
        let meant = didYouMean(name, among: names)
        throw FileError(
            "device", "no chip is named '\(name)'" + (meant.isEmpty ? "; the chips are \(all)" : meant))
    }
}

extension Waiver {
    init(_ json: JSON, at path: String, in network: Network) throws(FileError) {
        var object = try ObjectReader(json, at: path)
        self.init(
            rule: try object.requireText("rule"), layer: try object.requireText("layer"),
            reason: try object.requireText("reason"))
        try object.finish("a waiver")
        guard network[layer] != nil else {
            let names = network.nodes.map(\.name)
            throw FileError(
                object.place("layer"), "no layer is named '\(layer)'" + didYouMean(layer, among: names))
        }
        guard Document.hasReason(self) else {
            throw FileError(object.place("reason"), "is empty; a waiver says why the finding does not matter")
        }
    }

    var json: JSON { ["rule": .string(rule), "layer": .string(layer), "reason": .string(reason)] }
}
