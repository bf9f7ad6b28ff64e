import Foundation
import PackagePlugin

/// Embeds the shipped samples into the target that applies it, as `EmbeddedSamples.files`.
@main
struct EmbedSamples: BuildToolPlugin {
    // SwiftPM plans again, and so asks here again, only when a name changes below the folder of a target.
    // The link `samples` beside this file puts the samples there: without it a new sample would go unseen,
    // and a deleted one would stop the build as a missing input.
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let networks = try networkFiles(in: context.package.directoryURL.appending(path: "samples"))
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSamples.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(networks.count) samples",
                executable: try context.tool(named: "SampleEmbedder").url,
                arguments: ["EmbeddedSamples"] + ([output] + networks).map { $0.path(percentEncoded: false) },
                inputFiles: networks,
                outputFiles: [output]
            )
        ]
    }

    /// Every `NAME.magik/network.json` of a folder, sorted by name.
    private func networkFiles(in samples: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: samples, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "magik" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { $0.appending(path: "network.json") }
            .filter { FileManager.default.fileExists(atPath: $0.path(percentEncoded: false)) }
    }
}
