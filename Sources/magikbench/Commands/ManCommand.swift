import ArgumentParser
import Graph

/// `magikbench man`: what `make install` writes.
struct ManCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man", abstract: "Print the manual page, in roff, as 'make install' writes it.",
        shouldDisplay: false)

    func run() throws {
        do {
            print(try ManualPage().text)
        } catch {
            throw CommandError.failure("the manual page: \(error)")
        }
    }
}
