import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// A shipped network, with the input made small where it is large: what its layers compute stays the same.
struct ShippedNetwork: CustomTestStringConvertible, Sendable {
    let name: String
    let family: ArithmeticFamily

    var testDescription: String { "\(name) on \(family.rawValue)" }

    /// Those that their chip takes, on both families.
    static let all = found { !$0.hasPrefix("broken-") }
    /// Those with faults planted.
    static let broken = found { $0.hasPrefix("broken-") }

    private static func found(_ isWanted: (String) -> Bool) -> [ShippedNetwork] {
        let folder = Fixtures.root.appending(path: "samples").path(percentEncoded: false)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entries.filter { $0.hasSuffix(".magik") && isWanted($0) }.sorted().flatMap {
            entry in
            ArithmeticFamily.allCases.map { ShippedNetwork(name: String(entry.dropLast(6)), family: $0) }
        }
    }

    /// Its file.
    func text() throws -> JSON { try JSON(text: try Fixtures.sampleText(name)) }

    func network() throws -> Network {
        var reader = try ObjectReader(try text(), at: "")
        let network = try Network(reading: &reader)
        let inputs = network.inputs.map { input -> Input in
            guard case .map(let channels, let height, let width) = input.shape, height * width > 64 * 64
            else {
                return input
            }
            return Input(input.name, .map(channels: channels, height: 64, width: 64))
        }
        return try Network(inputs: inputs, nodes: network.nodes)
    }
}

@Suite("Shipped networks in integers", .limited)
struct IntegerSampleTests {
    @Test("there are shipped networks")
    func samples() { #expect(ShippedNetwork.all.count >= 24) }

    @Test("there are broken networks")
    func brokenSamples() { #expect(ShippedNetwork.broken.count >= 12) }

    @Test(
        "a broken network has a layer that cannot be computed, and so is not compared: it is named, with why",
        arguments: ShippedNetwork.broken)
    func broken(_ shipped: ShippedNetwork) throws {
        var request = ProbeRequest(try shipped.network(), on: shipped.family)
        (request.batch, request.comparesIntegers) = (2, true)
        request.padsBothSides = try shipped.text()["device"] == "T02"
        let report = try #require(Probe().report(request))
        let gap = try #require(report.gaps.first)
        #expect(report.failure == nil && !report.parts.isEmpty && !"\(gap.reason)".isEmpty)
        #expect(report.integers == nil && report.integerFailure == "'\(gap.layer)' could not be looked at")
    }

    @Test("every layer agrees to the code but at rounding boundaries", arguments: ShippedNetwork.all)
    func agreement(_ shipped: ShippedNetwork) throws {
        let isT02 = try shipped.text()["device"] == "T02"
        let test = try IntegerCase(shipped.network(), on: shipped.family, batch: 2, padsBothSides: isT02)
        let report = try test.report()
        report.expectAgreement()
        let counts = report.counts
        // Noise of single precision decides about so few.
        #expect(counts.mismatched * 2000 <= counts.elements, "\(counts)")
    }
}
