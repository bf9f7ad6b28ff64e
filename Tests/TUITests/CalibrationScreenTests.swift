import Devices
import Editing
import Graph
import Probing
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT
@testable import TUI

/// Quantizing from data on the screen: what its keys ask for, what is shown, and what Enter takes.
@Suite("Quantizing from data on the screen", .limited)
struct CalibrationScreenTests {
    /// A screen on a small network with weights as if they were trained, and a calibration of it.
    private static func driver(_ size: Size = .wide) throws -> (driver: Driver, weights: Safetensors) {
        let document = Document(network: try SmallNetwork.images(), device: .t40)
        let store = ParameterStore(Analysis(document.network, on: document.device.family))
        store.initialize(seed: 3)
        let weights = Checkpoint.weights(store, digest: document.network.digest)
        var driver = Driver(document, size: size)
        driver.state.editor.setOrigin(WeightOrigin(document, weights: weights))
        return (driver, weights)
    }

    private static func result(of driver: Driver, _ weights: Safetensors) throws -> CalibrationResult {
        let request = try driver.state.editor.document.calibrationRequest(
            of: nil, weights, data: nil, samples: 16, widths: nil, seed: 1)
        let calibration = try Calibration(request)
        return try #require(try calibration.run())
    }

    private static func asked(_ driver: Driver) -> [CalibrationOptions] {
        driver.effects.compactMap { effect in
            if case .calibrate(let options, _) = effect { return options }
            return nil
        }
    }

    @Test("C asks for the settings, s begins, and progress is shown", arguments: [Size.wide, .standard])
    func begin(size: Size) throws {
        var (driver, _) = try Self.driver(size)
        driver.press("C")
        #expect(driver.screen.contains("samples") && driver.screen.contains("method"))
        driver.press(.down, .right, .down, .right, .down, .right, "s")
        var wanted = CalibrationOptions()
        (wanted.samples, wanted.widths, wanted.method) = (257, BitWidths(8), .percentile)
        #expect(Self.asked(driver) == [wanted])
        #expect(driver.screen.contains("reading samples"))
        let number = driver.state.calibration.number
        driver.state.take(.progress(.init(step: .ranges, share: 0.5)), ofCalibration: number)
        #expect(driver.screen.contains("step 3 of 4, ranges 50 %"))
        driver.state.take(
            .progress(.init(step: .channels, share: 0, leftInAll: 95)), ofCalibration: number)
        #expect(driver.screen.contains("step 2 of 4, channels 0 %, about 1m 35s left"))
        driver.state.take(.progress(.init(step: .correction, share: 0.5, left: 75)), ofCalibration: number)
        #expect(driver.screen.contains("step 4 of 4, correction 50 %, 1m 15s left in this step"))
        #expect(driver.screen.contains("The network stays as it is until Enter takes the result; x stops."))
        driver.press("x")
        #expect(driver.effects.contains { if case .stopCalibration = $0 { true } else { false } })
        #expect(driver.screen.contains("nothing was changed"))
    }

    @Test(
        "Enter takes network, numbers and float model as one step, which undo and redo bring back and forth")
    func apply() throws {
        var (driver, weights) = try Self.driver()
        let before = driver.state.editor.network
        driver.press("C", "s")
        let result = try Self.result(of: driver, weights)
        driver.state.take(.done(result), ofCalibration: driver.state.calibration.number)
        #expect(driver.screen.contains("before") && driver.screen.contains("SQNR of the results"))
        driver.press(.enter)
        #expect(driver.state.popups.isEmpty)
        for _ in 0..<2 {
            let editor = driver.state.editor
            #expect(editor.network == result.network && editor.floatModel == result.float)
            #expect(try editor.weights() == result.weights)
            driver.press("u")
            #expect(driver.state.editor.network == before && driver.state.editor.floatModel == nil)
            #expect(try driver.state.editor.weights() == weights)
            driver.press(.control("r"))
        }
        // Another step in place of the one that was taken back: its numbers are out of reach.
        driver.press("u")
        driver.command("set conv0.clip=3")
        #expect(try driver.state.editor.weights()?.tensors == weights.tensors)
        #expect(driver.state.editor.floatModel == nil)
    }

    @Test("what cannot be done is refused and says why")
    func refusals() throws {
        var untrained = Driver(Document(network: try SmallNetwork.images(), device: .t40))
        untrained.press("C")
        #expect(untrained.screen.contains("no trained weights to quantize"))
        var (driver, weights) = try Self.driver()
        driver.press("C", "s", .enter)
        #expect(driver.screen.contains("it is not done yet"))
        let number = driver.state.calibration.number
        driver.state.take(.failed("the samples are broken"), ofCalibration: number)
        #expect(driver.screen.contains("the samples are broken"))
        // The form is there again below the page.
        driver.press(.escape)
        driver.press(.down, .enter)
        driver.type("many")
        driver.press(.enter)
        #expect(driver.screen.contains("samples is a whole number of 1 or more"))
        driver.press(.escape, .escape, "C", .down, .left, "s")
        let result = try Self.result(of: driver, weights)
        driver.state.take(.done(result), ofCalibration: number)
        #expect(driver.state.calibration.result == nil)
    }

    @Test("a model that was refused is opened with approximations by a key of its page")
    func approximate() throws {
        var (driver, _) = try Self.driver()
        driver.state.refusedImport(of: "a.onnx", ["Erf has no counterpart"])
        #expect(driver.screen.contains("a opens it with operators that come near"))
        driver.press("a")
        let read = driver.effects.compactMap { effect -> String? in
            if case .read(let path, let typed) = effect { return "\(path) \(typed)" }
            return nil
        }
        #expect(read == ["a.onnx \(ImportedFile.approximately)"])
    }

    @Test("a model that was refused is opened up to what no chip has by a key of its page")
    func cut() throws {
        var (driver, _) = try Self.driver()
        driver.state.refusedImport(
            of: "a.onnx", ["LSTM has no counterpart"], typed: "3x32x100", cut: ["scores", "boxes"])
        #expect(driver.screen.contains("c opens what lies before them"))
        driver.press("c")
        let read = driver.effects.compactMap { effect -> String? in
            if case .read(let path, let typed) = effect { return "\(path) \(typed)" }
            return nil
        }
        #expect(read == ["a.onnx 3x32x100 --outputs=scores,boxes"])
    }
}
