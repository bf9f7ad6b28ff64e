import Graph

/// A stub of the vendor's `ops`, in Python: it takes exactly the manual's arguments, computes nothing, and writes
/// down what a module calls on what.
enum KitStub {
    /// The whole program: `python3 record.py MODULE OUT [CLASS [ARGUMENTS]]` writes a JSON document to OUT. The parts are those
    /// of the folder Runtime, with a class for every activation and operator before the last.
    static var program: String {
        let activations = Activation.allCases.compactMap { MagikSignature($0) }
            .map { definition($0, base: "Function") }
        let layers = OperatorKind.allCases.map { definition(MagikSignature($0), base: "Layer") }
        return (["traced", "modules", "recorded"].map(part) + activations + layers + [part("reading")])
            .joined(separator: "\n\n")
    }

    private static func part(_ name: String) -> String {
        guard let text = EmbeddedRuntime.files.first(where: { $0.name == name })?.text else {
            preconditionFailure("'\(name)' of the stub is not embedded")
        }
        return text
    }

    private static func definition(_ signature: MagikSignature, base: String) -> String {
        let parameters = signature.arguments.map { argument in
            argument.standard.map { "\(argument.name)=\($0)" } ?? argument.name
        }
        let names = signature.arguments.map { "\"\($0.name)\": \($0.name)" }
        return """
            class \(signature.name)(\(base)):
                def __init__(self, \(parameters.joined(separator: ", "))):
                    super().__init__({\(names.joined(separator: ", "))})

            """
    }
}
