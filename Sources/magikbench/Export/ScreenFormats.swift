import Devices
import Foundation
import Graph
import Interchange
import QAT
import TUI
import Terminal
import Workbench

extension Exchange {
    /// What the commands `import` and `export` read and write, for the screen.
    static let ofCommands = Exchange(
        formats: ExportFormat.allCases.map {
            Format(name: $0.rawValue, purpose: $0.purpose, keeps: $0.keeps, ending: $0.ending)
        },
        models: [ImportedModel.ending], programs: [".py"],
        read: { path, typed in
            ImportedModel.isModel(path) ? try model(path, typed) : try module(path, typed)
        },
        write: { name, document, weights, title, path in
            guard let format = ExportFormat(rawValue: name) else {
                throw CommandError.failure("no format is named '\(name)'")
            }
            let data = try format.data(document, weights, name: title, .init())
            return "wrote \(try InputFile.write(Array(data), to: path)), \(Figures.grouped(data.count)) bytes"
        })

    private static func model(_ path: String, _ typed: String) throws -> Imported {
        var options = ONNXImport.Options()
        options.approximates = typed == Exchange.approximately
        let model = try ImportedModel(path, options: options)
        let reports = model.reports(for: [model.document.device])
        let text = ImportText(model, isWhole: true, style: .plain).blocks(reports).joined(separator: "\n\n")
        let isWhole = model.report.faults.isEmpty
        return Imported(
            document: isWhole ? model.document : nil, weights: isWhole ? model.weights : nil,
            host: model.host,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    /// A module of the vendor's kit; what was typed is "ARGUMENTS; SHAPE", each of which may be missing.
    private static func module(_ path: String, _ typed: String) throws -> Imported {
        var request = MagikImport.Request(path: path)
        for part in typed.split(separator: ";").map({ $0.trimmingCharacters(in: .whitespaces) })
        where !part.isEmpty {
            if let shape = ShapeArgument(argument: part) {
                request.shape = shape.shape
            } else {
                request.arguments = part
            }
        }
        let module = try MagikImport(running: request)
        return Imported(
            document: Document(network: module.network, device: module.device, waivers: module.waivers),
            weights: nil, lines: module.notes)
    }
}
