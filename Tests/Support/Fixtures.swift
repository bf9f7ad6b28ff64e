public import Foundation
import Sessions

/// The files beside the tests.
public enum Fixtures {
    /// The package's folder.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file of the package.
    public static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The text of a sample's `network.json`, as it lies in `samples`.
    public static func sampleText(_ name: String) throws -> String {
        try text("samples/\(name)\(Session.suffix)/\(Session.fileName)")
    }

    /// The rows of a tab-separated file below `Tests/Fixtures`, each by the names in the file's first row.
    public static func table(_ path: String) throws -> [[String: String]] {
        let lines = try text("Tests/Fixtures/\(path)").split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        guard let header = lines.first else { throw FixtureError("\(path) is empty") }
        return try lines.dropFirst().map { line in
            guard line.count == header.count else {
                throw FixtureError("\(path) has a row of \(line.count): \(line)")
            }
            return Dictionary(uniqueKeysWithValues: zip(header, line))
        }
    }
}

/// A file that is not what a test expects of it.
public struct FixtureError: Error, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// A file that is not as it should be, in words.
    public init(_ description: String) { self.description = description }
}

/// Throws where a text differs from the golden file of that name; `RECORD=1` rewrites the file and still throws.
public func expectGolden(_ text: String, _ name: String) throws {
    try expectFile(text, at: "Tests/Fixtures/Golden/\(name)")
}

/// Throws where a text differs from a file of the package; `RECORD=1` rewrites the file and still throws.
public func expectFile(_ text: String, at path: String) throws {
    let file = Fixtures.root.appending(path: path)
    let isThere = FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
    let expected = isThere ? try String(contentsOf: file, encoding: .utf8) : nil
    if text == expected { return }
    guard ProcessInfo.processInfo.environment["RECORD"] == "1" else {
        throw FixtureError("\(path) \(difference(text, from: expected)); RECORD=1 writes what was found")
    }
    try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    throw FixtureError(
        "\(path) \(difference(text, from: expected)); what was found is written now, look at it")
}

/// Where two texts part, in words.
private func difference(_ found: String, from expected: String?) -> String {
    guard let expected else { return "is not there" }
    let pairs = (old: lines(expected), new: lines(found))
    let same = zip(pairs.old, pairs.new).prefix { $0 == $1 }.count
    let line = { (lines: [Substring]) in same < lines.count ? "'\(lines[same])'" : "the end" }
    return "differs in line \(same + 1): expected \(line(pairs.old)), found \(line(pairs.new))"
}

private func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
}

/// Runs a test with a folder of its own, which is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "magikbench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("the folder of a test stays behind: \(error)")
        }
    }
    return try body(folder.path(percentEncoded: false))
}
