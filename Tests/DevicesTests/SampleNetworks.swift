import Devices
import Foundation
import Graph
import TestSupport

/// A shipped network with its chip and waivers, read from its file without the workbench.
struct Sample: Sendable {
    let name: String
    let network: Network
    let device: Device
    let waivers: [Waiver]

    /// All of them; a folder that cannot be read gives none, which the first test of samples reports.
    static let names: [String] = {
        let folder = Fixtures.root.appending(path: "samples").path(percentEncoded: false)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entries.filter { $0.hasSuffix(".magik") }.map { String($0.dropLast(6)) }.sorted()
    }()
    /// Without those whose network another one has too, for checks that ask every chip.
    static let distinct = names.filter { twins[$0] == nil }
    /// Samples for one chip with the network of a sample for another.
    static let twins = ["broken-t41": "broken-t40", "broken-xs2": "broken-xs1"]
    static let broken = names.filter { $0.hasPrefix("broken-") }
    static let whole = names.filter { !$0.hasPrefix("broken-") }

    init(_ name: String) throws {
        self.name = name
        let document = try JSON(text: try Fixtures.sampleText(name))
        var reader = try ObjectReader(document, at: "")
        network = try Network(reading: &reader)
        guard let device = Device(name: try reader.requireText("device")) else {
            throw FileError("device", "is no chip")
        }
        self.device = device
        waivers = try reader.takeList("waivers").map { json in
            var waiver = try ObjectReader(json, at: "waivers")
            return Waiver(
                rule: try waiver.requireText("rule"), layer: try waiver.requireText("layer"),
                reason: try waiver.requireText("reason"))
        }
    }

    /// What the network's own chip says, waivers and all.
    var report: Report { Checker.report(network, on: device, waivers: waivers) }
}
