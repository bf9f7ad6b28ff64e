import Devices
import Editing
import Graph
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct CheckTests {
    private func page(
        _ document: Document, on devices: [Device], name: String, isWide: Bool = false
    ) -> String {
        let reports = Checker.reports(on: document.network, for: devices, waivers: document.waivers)
        return CheckText(document, reports, name: name, path: "\(name).magik", isWide: isWide).text
    }

    @Test(
        "findings of a sample on its own chip read as they always did",
        arguments: ["resnet20-cifar", "broken-t40", "broken-txx"])
    func golden(name: String) throws {
        let document = try Samples.document(named: name)
        try expectGolden(page(document, on: [document.device], name: name) + "\n", "check-\(name).txt")
    }

    @Test(
        "findings on all chips read as they always did",
        arguments: ["yolov5s-person", "persondet"])
    func goldenOnAll(name: String) throws {
        let document = try Samples.document(named: name)
        try expectGolden(page(document, on: Device.allCases, name: name) + "\n", "check-\(name)-all.txt")
    }

    @Test(
        "no line of the page for all chips is wider than 80 cells",
        arguments: ["mobilenetv2-cifar", "broken-t02", "broken-xs1"])
    func fits(name: String) throws {
        let document = try Samples.document(named: name)
        for line in page(document, on: Device.allCases, name: name).split(separator: "\n") {
            #expect(line.displayWidth <= 80, "\(line)")
        }
    }

    @Test("of long and wide names only those in commands are whole")
    func longNames() throws {
        let text = page(try LongNames.document(), on: [.t40, .txx], name: "long")
        for line in text.split(separator: "\n") where !line.contains("=") {
            #expect(line.displayWidth <= 80, "\(line)")
        }
    }

    @Test("every name is there where more is asked for")
    func wide() throws {
        let document = try Samples.document(named: "yolov5s-person")
        let text = page(document, on: [.t40], name: "yolov5s-person", isWide: true)
        #expect(text.contains("c3_8.m0.cv2") && text.contains("(58 layers)") == false)
        #expect(!page(document, on: [.t40], name: "yolov5s-person").contains("c3_8.m0.cv2"))
    }

    @Test("findings that say the same are one entry")
    func grouped() throws {
        let document = try Samples.document(named: "yolov5s-person")
        let reports = Checker.reports(on: document.network, for: [.t40, .txx])
        let groups = FindingGroup.groups(of: reports)
        let shared = groups.filter { $0.devices.count == 2 }
        #expect(shared.contains { $0.first.rule == "clip-recommended" && $0.layers.count > 50 })
        #expect(groups.flatMap { $0.findings.joined() }.count == reports.reduce(0) { $0 + $1.findings.count })
    }

    @Test("the commands that a page prints settle what they claim, and add nothing", arguments: Samples.names)
    func fixes(name: String) throws {
        let document = try Samples.document(named: name)
        let report = Checker.reports(on: document.network, for: [document.device])[0]
        for block in FindingBlock.blocks(of: FindingGroup.groups(of: [report])) {
            let fix = FixAssignments(for: block.groups, in: document.network)
            guard !fix.assignments.isEmpty else { continue }
            let run = try AssignmentRun(fix.assignments.map { try Assignment($0) }, on: document)
            let after = Checker.reports(on: run.document.network, for: [document.device])[0]
            let old = Set(report.findings.map(FindingKey.init))
            let new = Set(after.findings.map(FindingKey.init))
            #expect(new.isSubset(of: old))
            let mine = Set(block.groups.flatMap { $0.findings[0] }.map(FindingKey.init))
            #expect(mine.subtracting(new).count >= fix.settled, "\(fix.assignments)")
        }
    }

    @Test("errors refuse, warnings only where they are strict, and waived ones never")
    func refused() throws {
        func refuses(_ name: String, strict: Bool) throws -> Bool {
            let document = try Samples.document(named: name)
            let reports = Checker.reports(
                on: document.network, for: [document.device], waivers: document.waivers)
            return CheckCommand.isRefused(reports, strict: strict)
        }
        #expect(try refuses("broken-t40", strict: false))
        #expect(try !refuses("network-t40-literal", strict: false))
        #expect(try refuses("network-t40-literal", strict: true))
        #expect(try !refuses("network-t40", strict: true))
    }
}
