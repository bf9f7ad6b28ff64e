import Foundation
import PackagePlugin

/// Embeds the Python that exports have and imports run, every `*/Runtime/*.py`, into the target that applies it, as `EmbeddedRuntime.files`.
@main
struct EmbedRuntime: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folders = ["Magik/Runtime", "Torch/Runtime"].map { target.directoryURL.appending(path: $0) }
        let files = try folders.flatMap {
            try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        .filter { $0.pathExtension == "py" }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedRuntime.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) files of Python",
                executable: try context.tool(named: "SampleEmbedder").url,
                arguments: ["EmbeddedRuntime"] + ([output] + files).map { $0.path(percentEncoded: false) },
                inputFiles: files,
                outputFiles: [output]
            )
        ]
    }
}
