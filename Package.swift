// swift-tools-version: 6.2
import PackageDescription

let walls: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
let strict = walls + [.strictMemorySafety()]

let package = Package(
    name: "magikbench",
    products: [
        .executable(name: "magikbench", targets: ["magikbench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .target(name: "Graph", swiftSettings: strict),
        .target(name: "Devices", dependencies: ["Graph"], swiftSettings: strict),
        .target(
            name: "Workbench", dependencies: ["Graph", "Devices"], swiftSettings: strict,
            plugins: ["EmbedSamples"]),
        .executableTarget(
            name: "magikbench",
            dependencies: [
                "Graph", "Devices", "Workbench",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: walls),
        .executableTarget(name: "SampleEmbedder", swiftSettings: walls),
        .plugin(name: "EmbedSamples", capability: .buildTool(), dependencies: ["SampleEmbedder"]),
    ],
    swiftLanguageModes: [.v6]
)
