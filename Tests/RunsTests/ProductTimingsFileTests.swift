import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Runs

@Suite("Kept times of products", .limited)
struct ProductTimingsFileTests {
    private func timings(_ text: String) throws -> ProductTimings { ProductTimings(try JSON(text: text)) }

    @Test("times come back for their machine, and those of other machines stay")
    func machines() throws {
        try withTemporaryFolder { folder in
            let first = ProductTimingsFile(folder: folder + "/cache", machine: "first")
            let second = ProductTimingsFile(folder: folder + "/cache", machine: "second")
            #expect(first.read().count == 0)
            first.add(try timings(#"{"a": {"direct": 2.5, "taps": 1.25, "winograd": null}}"#))
            second.add(try timings(#"{"b": {"direct": 1.5}}"#))
            first.add(try timings(#"{"a": {"direct": 9, "reordered": 4}, "c": {"direct": 3}}"#))
            // What was measured first stays, so that a product keeps its method.
            #expect(
                first.read().json
                    == (try timings(
                        #"{"a": {"direct": 2.5, "reordered": 4, "taps": 1.25, "winograd": null}, "c": {"direct": 3}}"#
                    ).json))
            #expect(second.read().json == (try timings(#"{"b": {"direct": 1.5}}"#).json))
        }
    }

    @Test("a broken file counts as empty and is replaced", arguments: ["", "{", "[1]", #"{"machines": 3}"#])
    func broken(_ text: String) throws {
        try withTemporaryFolder { folder in
            let file = ProductTimingsFile(folder: folder, machine: "one")
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/products.json"))
            #expect(file.read().count == 0)
            file.add(try timings(#"{"a": {"direct": 2.5}}"#))
            #expect(file.read().count == 1)
        }
    }

    @Test("a folder that cannot be made is no failure")
    func unwritable() throws {
        try withTemporaryFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/plain"))
            let file = ProductTimingsFile(folder: folder + "/plain/cache", machine: "one")
            file.add(try timings(#"{"a": {"direct": 2.5}}"#))
            #expect(file.read().count == 0)
        }
    }

    @Test("the user's folder is where its specification says")
    func place() {
        let cases: [([String: String], String?)] = [
            (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/magikbench"),
            (["XDG_CACHE_HOME": "x", "HOME": "/h"], "/h/.cache/magikbench"),
            (["HOME": "/h"], "/h/.cache/magikbench"), (["HOME": ""], nil), ([:], nil),
        ]
        for (environment, folder) in cases {
            #expect(ProductTimingsFile.ofUser { environment[$0] }?.folder == folder)
        }
    }
}
