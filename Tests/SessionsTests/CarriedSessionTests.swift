import Devices
import Editing
import Foundation
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

/// Sessions on disk: a change is saved with its weights, whatever happens in between.
@Suite("Weights of changed sessions", .limited)
struct CarriedSessionTests {
    private static func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private static func session(in folder: String) throws -> (Session, Safetensors) {
        let network = try CarryNetwork.residual.network
        let session = try Session.create(folder + "/net", Document(network: network, device: .t40))
        let weights = try CarryNetwork.weights(of: network, on: .t40)
        try session.save(weights: weights)
        return (session, weights)
    }

    @Test("a change that assignments make is saved with the weights that it has")
    func assignments() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var (session, weights) = try Self.session(in: folder)
        var run = try AssignmentRun(
            ["stem.batchNorm=false", "a.name=middle", "head.kernelWidth=5"].map { try Assignment($0) },
            on: session.document)
        run.complete(from: session.document)
        #expect(run.titles.contains { $0.contains("stem bias") })
        let change = try CarriedChange(of: session, to: run.document, formerNames: run.formerNames)
        #expect(change.notes.isEmpty && change.words == ["the weights are carried along"])
        try session.save(run.document, change)
        let opened = try Session.open(folder + "/net")
        let carried = try #require(try opened.weights(isRequired: true))
        #expect(carried.metadata[Checkpoint.digestKey] == opened.document.network.digest)
        let expected = try CarryNetwork.results(of: try CarryNetwork.residual.network, on: .t40, weights)
        let found = try CarryNetwork.results(of: opened.document.network, on: .t40, carried)
        #expect(CarryNetwork.difference(found, expected) < 2e-6)
        // What changes no tensor leaves the file as it is.
        let plain = try AssignmentRun([Assignment("stem.clip=4")], on: opened.document)
        #expect(try CarriedChange(of: opened, to: plain.document, formerNames: [:]).weights == nil)
    }

    @Test("weights that were written and not put in their place are found with their document alone")
    func interrupted() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var (session, weights) = try Self.session(in: folder)
        var changed = session.document
        try changed.apply(.set(layer: "stem", field: "batchNorm", to: .flag(false)))
        try changed.apply(.set(layer: "stem", field: "bias", to: .flag(true)))
        let change = try CarriedChange(of: session, to: changed, formerNames: [:])
        let next = try #require(change.weights)
        // The program ended behind the first of the three steps of saving.
        let file = folder + "/net.magik/weights.next.safetensors"
        try Data(next.encoded()).write(to: URL(filePath: file))
        #expect(try session.weights(isRequired: true) == weights)
        // And behind the second.
        session.document = changed
        try session.save()
        #expect(try session.weights(isRequired: true) == next)
        // The weights that are written last count.
        let later = try CarryNetwork.weights(of: changed.network, on: .t40, seed: 9)
        try session.save(weights: later)
        #expect(try session.weights(isRequired: true) == later)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test("a screen saves the weights of what it shows, before and after taking back")
    func editor() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (session, weights) = try Self.session(in: folder)
        var (open, editor) = try OpenSession.open(session.path, state: nil, at: 0)
        editor.setOrigin(WeightOrigin(session.document, weights: weights))
        let fixes = try #require(editor.safeFixes())
        try editor.edit(fixes, at: 0)
        try editor.edit(.rename("stem", to: "front"), at: 10)
        let wideWeights = try editor.weights()
        #expect(wideWeights != nil)
        try open.save(&editor, with: wideWeights)
        let wide = try Session.open(session.path)
        let expected = try CarryNetwork.results(of: session.document.network, on: .t40, weights)
        let found = try CarryNetwork.results(
            of: wide.document.network, on: .t40, try #require(try wide.weights(isRequired: true)))
        #expect(CarryNetwork.difference(found, expected) <= 1e-6)
        _ = editor.undo()
        _ = editor.undo()
        #expect(try editor.weights() == weights)
        editor.setOrigin(
            WeightOrigin(wide.document, weights: try #require(try wide.weights(isRequired: true))))
        // From the wide weights, under their new name, back to the narrow network.
        let back = try #require(try editor.weights())
        let narrow = try CarryNetwork.results(of: editor.network, on: .t40, back)
        #expect(CarryNetwork.difference(narrow, expected) <= 1e-6)
        open.close(editor)
    }

    @Test("a result that the host's part reads is missed by name")
    func host() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (session, _) = try Self.session(in: folder)
        var changed = session.document
        try changed.apply(.rename("head", to: "scores"))
        let names = ["scores": "head"]
        #expect(try CarriedChange(of: session, to: changed, formerNames: names).lostResults.isEmpty)
        try Data().write(to: URL(filePath: session.path + "/host.onnx"))
        let change = try CarriedChange(of: session, to: changed, formerNames: names)
        #expect(change.lostResults == ["head"])
        #expect(change.words.last == "host.onnx reads 'head', which is no result any more")
    }
}
