import ArgumentParser
import QAT
import TestTraits
import Testing

@testable import TUI
@testable import magikbench

@Suite("The form of a new run", .limited)
struct RunFormTests {
    @Test("every option of the form is one of train's, with every value that can be picked")
    func options() throws {
        let form = OptionForm.run([:], generated: "glyphs")
        #expect(form.arguments == [])
        for (index, setting) in form.settings.enumerated() {
            let typed =
                [
                    "--learning-rate": "0.01", "--data": "tones", "--average": "0.9998", "--rate": "conv0=2",
                    "--label-smoothing": "0.1",
                ][setting.option] ?? "2"
            let values = setting.choices.isEmpty ? [typed] : setting.choices.filter { $0 != setting.standard }
            for value in values {
                var filled = form
                filled.settings[index].value = value
                #expect(throws: Never.self, "\(setting.option) \(value)") {
                    _ = try TrainCommand.parse(["session"] + filled.arguments)
                }
            }
        }
    }

    @Test("what the form calls the standard is train's own")
    func standards() throws {
        let command = try TrainCommand.parse(["session"])
        let standards = Dictionary(
            uniqueKeysWithValues: OptionForm.run([:], generated: "glyphs").settings.map {
                ($0.option, $0.standard)
            })
        #expect(standards["--batch"] == "\(command.batch)")
        #expect(standards["--seed"] == "\(command.seed)")
        #expect(standards["--threads"] == "\(command.threads)" && command.threads.count == 0)
        #expect(standards["--schedule"] == command.schedule.rawValue)
        #expect(standards["--loss"] == "auto" && command.loss == nil)
    }
}
