import ArgumentParser
import Foundation
import Graph
import QAT
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// `runs` through the built program.
@Suite("Runs by command", .limited)
struct RunsTests {
    /// Runs a test with a session of two recorded runs, the older one of 4 and the newer one of 8 bits.
    private func withRuns(_ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder)
            try RecordedRuns.add(to: session, names: ["x7", "q2"])
            try body(session.path)
        }
    }

    private func printed(_ arguments: [String]) throws -> String {
        let run = try runProgram(["runs"] + arguments)
        #expect(run.code == 0 && run.errors.isEmpty, "\(arguments): \(run.errors)")
        return run.output
    }

    @Test("the list has the newest first, and what a filter leaves of it")
    func list() throws {
        try withRuns { session in
            let lines = try printed([session]).split(separator: "\n")
            #expect(lines.count == 3 && lines[0].hasPrefix("run "))
            #expect(lines[1].hasPrefix("143011-q2  w8 a8  "))
            #expect(lines[1].contains("  cosine 1e-3  2/2 finished  1.25   75.0  "))
            #expect(lines[2].hasPrefix("143010-x7  w4 a4  "))
            for line in lines { #expect(line.count <= 80) }
            #expect(try printed([session, "--filter", "W4 finished"]).split(separator: "\n").count == 2)
            #expect(try printed([session, "--filter", "w2"]) == "none of 2 runs has these words\n")
            let json = try JSON(text: try printed([session, "--json"]))
            let runs = try #require(json["runs"]?.values)
            #expect(runs.map { $0["id"]?.text } == ["2026-11-25-143011-q2", "2026-11-25-143010-x7"])
            #expect(runs[1]["bits"] == "w4 a4" && runs[1]["loss"] == .number(1.5) && runs[1]["drop"] == .null)
            let csv = try printed([session, "--csv"]).split(separator: "\n")
            #expect(csv.count == 3 && csv[0].split(separator: ",").map(String.init) == RunFacts.csvColumns)
            let header = Set(RunFacts.csvColumns)
            #expect(header.isSubset(of: runs[0].keys))
        }
    }

    @Test("runs side by side: settings that differ, layers, and the same epoch; all of it as JSON and CSV")
    func compare() throws {
        try withRuns { session in
            let text = try printed([session, "compare", "x7", "q2"])
            #expect(text.hasPrefix("run           bits "))
            #expect(text.contains("\nA  143010-x7  w4 a4 ") && text.contains("\nB  143011-q2  w8 a8 "))
            let rows = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(rows.contains("what differs A B") && rows.contains("weight bits 4 8"))
            #expect(rows.contains("output bits 4 8") && !text.contains("\nseed"))
            #expect(text.contains("settings equal; --all shows them\n"))
            #expect(text.contains("\nconv0              20.2  40.2\n") && text.contains("\nworst "))
            #expect(
                text.contains("\nA against B at epoch 2: test loss +0.250, acc ") && text.hasSuffix(" KiB\n"))
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(try printed([session, "compare", "x7", "q2", "--all"]).contains("\nseed "))

            let json = try JSON(text: try printed([session, "compare", "last", "x7", "--json"]))
            #expect(json.keys == ["runs", "settings", "equalSettings", "sqnrByLayer", "sentences"])
            let runs = try #require(json["runs"]?.values)
            #expect(runs.map { $0["letter"] } == ["A", "B"] && runs[0]["bits"] == "w8 a8")
            #expect(runs[0]["curves"]?["train loss"]?.values.count == 4)
            #expect(
                runs[0]["curves"]?["loss"]?.values.last == [
                    "step": 4, "epoch": .number(2), "value": .number(1.25),
                ])
            #expect(json["sqnrByLayer"]?.values.first?["sqnr"] == .array([.number(40.25), .number(20.25)]))

            let csv = try printed([session, "compare", "x7", "q2", "--csv"]).split(separator: "\n")
            #expect(csv[0] == "run,kind,name,step,epoch,value")
            #expect(csv.contains("A,curve,train loss,1,0.5,2.0") && csv.contains("B,curve,loss,4,2.0,1.25"))
            #expect(csv.contains("A,setting,weight bits,,,4") && csv.contains("B,sqnr,conv0,,,40.25"))
        }
    }

    @Test("one run is shown with its settings, measurements and layers")
    func show() throws {
        try withRuns { session in
            let text = try printed([session, "show", "143010"])
            #expect(text.contains("flips %") && text.contains(" 25\n"), "\(text)")
            #expect(text.hasPrefix("2026-11-25-143010-x7  2/2 finished\n\nrun "))
            for part in [
                "\nbatch ", "\nepoch  step  test loss  acc %\n", "\n    2     4       1.50   75.0\n",
            ] {
                #expect(text.contains(part), "\(part)")
            }
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            let json = try JSON(text: try printed([session, "show", "x7", "--json"]))
            #expect(json["id"] == "2026-11-25-143010-x7" && json["settings"]?.values.isEmpty == false)
        }
    }

    @Test("a note is kept, shown and found; a deleted run is gone with its folder")
    func noteAndDelete() throws {
        try withRuns { session in
            #expect(try printed([session, "note", "x7", "clip", "too wide"]) == "")
            let noted = try JSON(text: try printed([session, "--filter", "too wide", "--json"]))["runs"]?
                .values
            #expect(noted?.map { $0["note"] } == ["clip too wide"])
            let title = "2026-11-25-143010-x7  2/2 finished  clip too wide\n"
            #expect(try printed([session, "show", "x7"]).hasPrefix(title))
            let asked = try runProgram(["runs", session, "delete", "x7"])
            #expect(asked.code == 2 && asked.errors.contains("add --yes"))
            #expect(try printed([session, "delete", "x7", "--yes"]) == "deleted 2026-11-25-143010-x7\n")
            #expect(try printed([session]).split(separator: "\n").count == 2)
            #expect(!FileManager.default.fileExists(atPath: session + "/runs/2026-11-25-143010-x7"))
        }
    }

    @Test("a run that is asked about on a terminal goes only where the answer is yes")
    func asks() throws {
        try withRuns { session in
            for (answer, code, left) in [("n\n", Int32(1), 3), ("y\n", 0, 2)] {
                let terminal = try PseudoTerminal(
                    try BuiltProgram.besideTests().file.path, ["runs", session, "delete", "x7"])
                try terminal.wait(for: "delete 2026-11-25-143010-x7 with its checkpoints for good? [y/N]")
                terminal.type(answer)
                #expect(try terminal.end() == code)
                #expect(try printed([session]).split(separator: "\n").count == left, "\(answer)")
            }
        }
    }

    @Test("a run is exported as tables, as one document and for TensorBoard")
    func export() throws {
        try withRuns { session in
            let path = session + "-out"
            #expect(
                try printed([session, "export", "x7", "-o", path]).split(separator: "\n").map(String.init)
                    == ["metrics", "evaluations", "ranges"].map { "\(path)/\($0).csv" })
            _ = try printed([session, "export", "x7", "-o", path + ".json", "--json"])
            let json = try JSON(text: try String(contentsOfFile: path + ".json", encoding: .utf8))
            #expect(json["metrics"]?.values.count == 4 && json["evaluations"]?.values.count == 2)
            let file = try printed([session, "export", "last", "-o", path, "--tensorboard"]).dropLast()
            #expect(file.hasPrefix(path + "/2026-11-25-143011-q2/events.out.tfevents."))
            #expect(FileManager.default.fileExists(atPath: String(file)))
        }
    }

    @Test("what cannot be done is one line that says what to do")
    func refusals() throws {
        try withRuns { session in
            let store = try #require(try RunStore.openForReading(session: session))
            let file = session + ".json"
            try FileManager.default.copyItem(atPath: session + "/network.json", toPath: file)
            let cases: [([String], String)] = [
                ([session, "sow", "x7"], "did you mean 'show'?"),
                ([session, "show", "143012-q2"], "did you mean '143011-q2'?"),
                ([session, "show", "2026"], "is the begin or end of 2026-11-25-143011-q2 and 2026"),
                ([session, "show"], "show takes one run"), ([session, "compare", "x7"], "takes 2 to 4 runs"),
                ([session, "compare", "x7", "143010"], "stands there twice"),
                ([session, "export", "x7"], "export takes -o"), ([session, "--all"], "--all is for compare"),
                ([session, "export", "x7", "-o", store.path], "it is a plain file, and a folder is needed"),
                ([session, "--json", "--csv"], "exclude each other"),
                ([session, "delete", "nosuch", "--yes"], "'magikbench runs' lists them"),
                ([file], "a network file by itself"),
                ([session + "x"], "there is no session"),
            ]
            for (arguments, part) in cases {
                let run = try runProgram(["runs"] + arguments)
                #expect(run.code == 2 && run.output.isEmpty, "\(arguments): \(run.output)")
                #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
                #expect(run.errors.contains(part), "\(arguments): \(run.errors)")
            }
        }
    }

    @Test("a session without runs says how to make one")
    func none() throws {
        try withTemporaryFolder { folder in
            let path = try SmallNetwork.session(in: folder).path
            #expect(try printed([path]) == "no runs yet: magikbench train \(path) makes one\n")
            #expect(try JSON(text: try printed([path, "--json"]))["runs"] == [])
            let run = try runProgram(["runs", path, "show", "last"])
            #expect(run.code == 2 && run.errors.contains("has no run 'last'"))
        }
    }
}
