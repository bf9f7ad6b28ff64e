import ArgumentParser
import Interchange

/// What a person decides of an ONNX model: arguments of `import` and `check`.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The size of an input, as 3x320x320, or NAME=3x320x320 where there are several; may be repeated.",
            valueName: "shape"))
    var input: [InputSize] = []

    @Option(
        help: ArgumentHelp(
            "The tensors of an ONNX file at which the network ends; the host computes the rest.",
            valueName: "names"))
    var outputs: String?

    @Flag(help: "Let operators that no chip has become ones that come near to them; each is named.")
    var approximate = false

    func validate() throws {
        let names = input.map(\.name)
        guard Set(names).count == names.count else {
            throw ValidationError("--input gives the size of one input twice")
        }
    }

    /// The same for the import.
    var options: ONNXImport.Options {
        var options = ONNXImport.Options()
        options.approximates = approximate
        for size in input { options.sizes[size.name] = size.axes }
        options.outputs = (outputs ?? "").split(separator: ",").map(String.init).filter { !$0.isEmpty }
        return options
    }
}

/// The size of an input as people write it: "3x320x320", "images=3x320x320".
struct InputSize: ExpressibleByArgument {
    /// The name of the input; empty where it is the only one.
    let name: String
    /// The axes behind the batch.
    let axes: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        name = parts.dropLast().joined(separator: "=")
        axes = (parts.last ?? "").split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard parts.count == 1 || !name.isEmpty, axes.allSatisfy({ (1...65536).contains($0) }) else {
            return nil
        }
    }
}
