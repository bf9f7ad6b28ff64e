// swift-tools-version: 6.2
import PackageDescription

let walls: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
let strict = walls + [.strictMemorySafety()]
// What computes most is optimized in debug builds too: tests run the loops that are shipped, and take half of the time.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
let fastKernels: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

let package = Package(
    name: "magikbench",
    products: [
        .executable(name: "magikbench", targets: ["magikbench"]),
        .executable(name: "fuzz", targets: ["Fuzz"]),
        .executable(name: "trials", targets: ["Trials"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    ],
    targets: [
        .target(name: "Platform", swiftSettings: strict),
        .target(name: "Graph", swiftSettings: strict + fast),
        .target(name: "Devices", dependencies: ["Graph"], swiftSettings: strict + fast),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(
            name: "CCodecs", providers: [.apt(["zlib1g-dev", "libpng-dev", "libturbojpeg0-dev"])]),
        .target(name: "CKernels", cSettings: fastKernels),
        .target(name: "Weights", dependencies: ["Graph"], swiftSettings: walls + fast),
        .target(name: "Editing", dependencies: ["Graph", "Devices", "Weights"], swiftSettings: strict),
        .target(
            name: "Datasets", dependencies: ["Platform", "Graph", "CCodecs", "CKernels"],
            swiftSettings: walls + fast),
        .target(
            name: "QAT", dependencies: ["Graph", "Weights", "Datasets", "COneDNN", "CKernels"],
            swiftSettings: walls + fast),
        .target(
            name: "Sessions", dependencies: ["Platform", "Graph", "Devices", "Weights", "Editing", "QAT"],
            swiftSettings: strict, plugins: ["EmbedSamples"]),
        .target(
            name: "Interchange",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "QAT", "Sessions",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Magik/Runtime", "ONNX/Messages/onnx.proto", "Torch/Runtime"], swiftSettings: walls,
            plugins: ["EmbedRuntime"]),
        .target(
            name: "Runs",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Probing",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions",
            ],
            swiftSettings: strict),
        .target(
            name: "Reporting",
            dependencies: [
                "Graph", "Devices", "Editing", "Datasets", "QAT", "Weights", "Sessions", "Runs", "Probing",
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CCurses", providers: [.apt(["libncurses-dev"])]),
        .target(name: "Terminal", dependencies: ["CCurses", "Platform"], swiftSettings: walls),
        .target(
            name: "TUI",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions", "Runs",
                "Probing", "Interchange", "Reporting", "Terminal",
            ],
            swiftSettings: strict),
        .target(
            name: "Benchmarking",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions", "Runs",
                "Probing", "Terminal", "TUI", "CCurses", "CCodecs",
            ],
            swiftSettings: walls),
        .executableTarget(
            name: "magikbench",
            dependencies: [
                "Platform", "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions", "Runs",
                "Probing", "Interchange", "Reporting", "Terminal", "TUI", "Benchmarking",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: walls),
        .executableTarget(name: "SampleEmbedder", swiftSettings: walls),
        .plugin(name: "EmbedSamples", capability: .buildTool(), dependencies: ["SampleEmbedder"]),
        .plugin(name: "EmbedRuntime", capability: .buildTool(), dependencies: ["SampleEmbedder"]),
        .target(
            name: "TestSupport",
            dependencies: [
                "Graph", "Devices", "Weights", "Editing", "Datasets", "QAT", "Sessions", "Runs", "Probing",
                "Interchange", "Reporting", "Terminal", "TUI", "CCodecs",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/Support", swiftSettings: walls + fast),
        .target(name: "TestTraits", path: "Tests/Traits", swiftSettings: walls),
        .executableTarget(
            name: "Fuzz", dependencies: ["Terminal", "Sessions", "TestSupport"],
            path: "Tests/Fuzz",
            swiftSettings: walls),
        .executableTarget(
            name: "Trials", dependencies: ["TestSupport"], path: "Tests/Trials", swiftSettings: walls),
        .executableTarget(
            name: "RunChild",
            dependencies: ["Runs", "Sessions", "QAT", "Weights", "Graph", "TestSupport"],
            path: "Tests/RunChild",
            swiftSettings: walls),
        .executableTarget(
            name: "ScreenChild", dependencies: ["Terminal"], path: "Tests/ScreenChild", swiftSettings: walls),
        .testTarget(name: "GraphTests", dependencies: ["Graph", "TestSupport"], swiftSettings: walls),
        .testTarget(
            name: "DevicesTests", dependencies: ["Devices", "Graph", "TestSupport"], swiftSettings: walls),
        .testTarget(
            name: "DatasetsTests", dependencies: ["Datasets", "Graph", "CCodecs", "TestSupport"],
            swiftSettings: walls),
        .testTarget(
            name: "QATTests",
            dependencies: ["QAT", "Weights", "Datasets", "Graph", "CKernels", "COneDNN", "TestSupport"],
            swiftSettings: walls),
        .testTarget(
            name: "InterchangeTests",
            dependencies: [
                "Interchange", "Probing", "QAT", "Datasets", "Devices", "Editing", "Weights", "Sessions",
                "Graph", "TestSupport", "Fuzz",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: walls),
        .testTarget(
            name: "EditingTests", dependencies: ["Editing", "Sessions", "Devices", "Graph", "TestSupport"],
            swiftSettings: walls),
        .testTarget(
            name: "SessionsTests",
            dependencies: [
                "Platform", "Sessions", "Editing", "Weights", "QAT", "Devices", "Graph", "TestSupport",
                "RunChild",
            ],
            swiftSettings: walls),
        .testTarget(
            name: "RunsTests",
            dependencies: [
                "Runs", "Sessions", "Editing", "Weights", "QAT", "Datasets", "Devices", "Graph",
                "TestSupport",
                "RunChild",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: walls),
        .testTarget(
            name: "ProbingTests",
            dependencies: [
                "Probing", "Sessions", "Editing", "Weights", "QAT", "Datasets", "Devices", "Graph",
                "TestSupport",
            ],
            swiftSettings: walls),
        .testTarget(
            name: "ReportingTests",
            dependencies: [
                "Reporting", "Probing", "Runs", "Editing", "QAT", "Datasets", "Devices", "Graph",
                "TestSupport",
            ],
            swiftSettings: walls),
        .testTarget(
            name: "TerminalTests",
            dependencies: ["Terminal", "Platform", "CCurses", "TestSupport", "ScreenChild"],
            swiftSettings: walls),
        .testTarget(
            name: "TUITests",
            dependencies: [
                "TUI", "Terminal", "Reporting", "Editing", "Weights", "Sessions", "Runs", "Probing", "QAT",
                "Datasets", "Devices", "Graph", "TestSupport", "magikbench",
            ],
            swiftSettings: walls),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "magikbench", "Benchmarking", "TUI", "Terminal", "QAT", "Datasets", "Editing", "Weights",
                "Sessions", "Runs", "Probing", "Devices", "Graph", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: walls),
    ],
    swiftLanguageModes: [.v6]
)

// Every test has a time limit.
for target in package.targets where target.type == .test { target.dependencies.append("TestTraits") }
