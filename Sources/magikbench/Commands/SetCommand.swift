import ArgumentParser
import Editing
import Foundation
import Sessions
import Terminal

/// `magikbench set`.
struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a network from a script.",
        discussion: """
            LAYER is a name or a pattern with *, ? and [abc]; a pattern skips layers without the field. FIELD is a \
            field of the operator as network.json writes it, or name, note or inputs; an input of the network has \
            name and shape. 'device' is the chip of the session, 'task' what its outputs are: classification, regression, \
            or a task as network.json has it. Changes are made from left to right, all of them \
            or none.

              magikbench set digits conv0.stride=2
              magikbench set digits 'conv*.weightBits=4' 'conv*.clip=4'
              magikbench set digits device=T02
              magikbench set digits task=regression
              magikbench set digits shortcut.inputs=max2,conv5 conv0.name=stem
              magikbench set digits 'image.shape=[3,64,64]' --dry-run

            Prints what changed, what becomes of trained or imported weights, and what the chip thinks of it. Weights \
            are carried along: new channels are zeros, so that what was there gives the same numbers.
            """)

    @Argument(help: "A session, or a network file by itself.", completion: .sessions)
    var session: String

    @Argument(
        help: ArgumentHelp(
            "What to change, as LAYER.FIELD=VALUE, device=CHIP or task=TASK.", valueName: "assignment"),
        completion: .assignments)
    var assignments: [String]

    @Flag(help: "Say what would change, and save nothing.")
    var dryRun = false

    func run() throws {
        var session = try Session.opened(session)
        var run: AssignmentRun
        do throws(AssignmentError) {
            let parsed = try assignments.map { (text) throws(AssignmentError) in try Assignment(text) }
            run = try AssignmentRun(parsed, on: session.document)
        } catch {
            throw CommandError.assignment(error)
        }
        let change: CarriedChange
        do {
            if try session.hasWeights { run.complete(from: session.document) }
            change = try CarriedChange(of: session, to: run.document, formerNames: run.formerNames)
        } catch {
            throw CommandError.failure("\(error)")
        }
        let page = SetText(run, on: session.document, weights: change.words, style: .standardOutput)
        if !dryRun, !run.titles.isEmpty {
            do throws(SessionError) {
                try session.save(run.document, change)
            } catch {
                throw CommandError.session(error)
            }
        }
        print(page.text)
        if dryRun { Output.write("dry run: nothing was saved\n", to: STDERR_FILENO) }
    }
}
