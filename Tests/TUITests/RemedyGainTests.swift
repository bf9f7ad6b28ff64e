import Editing
import Foundation
import Graph
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import QAT
@testable import TUI

/// What remedies do to the SQNR of the network's results: asked one after the other, and gone with what they are of.
@Suite("Gains of remedies", .limited)
struct RemedyGainTests {
    /// A look after which the network's results have so much signal to noise.
    private static func report(_ decibels: Double, of network: Network) -> ProbeReport {
        var report = ProbeReport(revision: 1)
        let read = Set(network.nodes.flatMap { $0.inputs.map(\.name) })
        for node in network.nodes where !read.contains(node.name) {
            let seen = TensorObservation(
                layer: node.name, kind: .feature, minimum: 0, maximum: 1, mean: 0, deviation: 1, clip: nil,
                clipRatio: nil, sqnr: nil, histogram: [])
            var tensor = ProbedTensor(observation: seen)
            let noise = pow(10, -decibels / 10)
            tensor.match = FloatMatch(
                count: 1, squares: 1, otherSquares: 1, products: 1, noise: noise, scale: 1, isEqual: false)
            report.parts.append(ProbedPart(name: node.name, layer: node.name, feature: tensor))
        }
        return report
    }

    /// View 2 of a network whose conv9 has 80 channels; 30 dB were seen.
    private static func driver() throws -> Driver {
        var document = try Samples.document(named: "network-t40")
        try document.apply(.set(layer: "conv9", field: "outChannels", to: .integer(80)))
        var driver = Driver(document, name: "odd", size: .wide)
        driver.press("2")
        driver.state.take(report(30, of: document.network), isNewest: true, at: 0)
        return driver
    }

    @Test("each change of the network is asked for once, and its gain stands in its row")
    func gains() throws {
        var driver = try Self.driver()
        let edits = driver.state.rules.remedies.filter { if case .edit = $0.kind { true } else { false } }
        #expect(edits.count > 1)
        for (offset, decibels) in [30.14, 28.5].enumerated() {
            let (remedy, document) = try #require(driver.state.unknownGain)
            let network = document.network
            #expect(remedy == offset && document == driver.state.editor.document(after: edits[offset]))
            #expect(driver.row(of: edits[offset].title).hasSuffix("?"))
            driver.state.take(Self.report(decibels, of: network), ofRemedy: remedy, making: network)
        }
        #expect(driver.row(of: edits[0].title).hasSuffix("+0.1"))
        #expect(driver.row(of: edits[1].title).hasSuffix("-1.5"))
    }

    @Test("where nothing can be compared it says so, and does not ask again")
    func incomparable() throws {
        var driver = try Self.driver()
        let title = driver.state.rules.remedies[0].title
        let (remedy, document) = try #require(driver.state.unknownGain)
        let network = document.network
        driver.state.take(ProbeReport(revision: -1), ofRemedy: remedy, making: network)
        #expect(driver.row(of: title).hasSuffix("·"))
        #expect(driver.state.unknownGain?.remedy == 1)
    }

    @Test("nothing is asked before the network itself was seen, outside of view 2, or while it is seen anew")
    func waits() throws {
        var driver = try Self.driver()
        #expect(driver.state.unknownGain != nil)
        driver.press("1")
        #expect(driver.state.unknownGain == nil)
        driver.press("2", .enter)
        #expect(driver.state.unknownGain == nil)
    }

    @Test("a new look at the network forgets what was compared with the old one")
    func forgets() throws {
        var driver = try Self.driver()
        let (remedy, document) = try #require(driver.state.unknownGain)
        let network = document.network
        driver.state.take(Self.report(31, of: network), ofRemedy: remedy, making: network)
        driver.state.take(
            Self.report(20, of: driver.state.editor.network), isNewest: true, at: 0)
        #expect(driver.state.unknownGain?.remedy == remedy)
    }
}

extension Driver {
    /// The row of the screen that has a text, without blanks at its end.
    fileprivate func row(of text: String) -> String {
        let line = screen.split(separator: "\n").first { $0.contains(text) } ?? ""
        return String(line.reversed().drop { $0.isWhitespace }.reversed())
    }
}
