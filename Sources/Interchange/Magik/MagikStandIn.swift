import Foundation
import Graph

/// A stand-in for the vendor's `ops`, in Python: it takes exactly the manual's arguments, computes nothing, and writes
/// down what a module calls on what.
enum MagikStandIn {
    /// The whole program: `python3 record.py MODULE OUT [CLASS [ARGUMENTS]]` writes a JSON document to OUT. `record.py` of the
    /// folder Runtime, with a class for every operator and activation in its middle.
    static var program: String {
        guard let text = EmbeddedRuntime.files.first(where: { $0.name == "record" })?.text else {
            preconditionFailure("the stand-in is not embedded")
        }
        let activations = Activation.allCases.compactMap { MagikSignature($0) }
            .map { definition($0, base: "Function") }
        let layers = OperatorKind.allCases.map { definition(MagikSignature($0), base: "Layer") }
        let classes = (activations + layers).joined(separator: "\n")
        return text.replacing("# CLASSES\n", with: classes, maxReplacements: 1)
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
