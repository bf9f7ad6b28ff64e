import Datasets
import Graph
import TestTraits
import Testing

@Suite("Fitting", .limited)
struct FitTests {
    private func set(
        in folder: TestFolder,
        height: Int, width: Int, _ options: String, task: NetworkTask
    ) throws -> Dataset {
        try folder.write(plainPicture(height: height, width: width), to: "images/train/a.png")
        try folder.write("0 0.5 0.5 0.5 0.5", to: "labels/train/a.txt")
        try folder.write("names: [cat]", to: "set.yaml")
        return try Dataset.open(
            DataSpec("yolo:\(folder.path)\(options)"), shape: .map(channels: 1, height: 20, width: 20),
            task: task)
    }

    @Test("letterbox scales both sides by one factor, with grey around, and boxes follow")
    func letterbox() throws {
        let folder = try TestFolder()
        let set = try set(in: folder, height: 10, width: 40, "", task: petTask(.letterbox))
        let answer = try set.answers(.train)[0]
        #expect(answer.boxes.map(\.sides) == [[5, 8.25, 15, 10.75]])
        #expect(set.boxSizes(of: .train) == [BoxSize(width: 10, height: 2.5)])
        let placing = answer.placing
        #expect([placing.scaleX, placing.scaleY, placing.left, placing.top] == [0.5, 0.5, 0, 7])
        #expect(placing.height == 10 && placing.width == 40)
        let rows = try set.all(.train).values
        #expect((0..<20).map { rows[$0 * 20] } == (0..<20).map { (7..<12).contains($0) ? 200 : 114 })
    }

    @Test("stretch scales each side by its own factor; the option overrides the task")
    func stretch() throws {
        let folder = try TestFolder()
        let set = try set(in: folder, height: 10, width: 40, ",fit=stretch", task: petTask(.letterbox))
        let answer = try set.answers(.train)[0]
        #expect(answer.boxes.map(\.sides) == [[5, 5, 15, 15]])
        #expect([answer.placing.scaleX, answer.placing.scaleY] == [0.5, 2])
        #expect(try Set(set.all(.train).values) == [200])
    }

    @Test("sets without boxes are fitted too, and the digest tells both apart")
    func classification() throws {
        let folder = try TestFolder()
        try folder.write(plainPicture(height: 40, width: 10), to: "train/cat/a.png")
        let shape = Shape.map(channels: 1, height: 20, width: 20)
        let spec = "images:\(folder.path),validation=0"
        let kept = message { _ = try Dataset.open("\(spec),fit=letterbox", shape) }
        #expect(kept?.contains("test") == true)
        try folder.write(plainPicture(height: 40, width: 10), to: "test/cat/a.png")
        let boxed = try Dataset.open("\(spec),fit=letterbox", shape)
        let row = try boxed.all(.test).values[..<20]
        #expect(row.map { $0 == 200 } == (0..<20).map { (7..<12).contains($0) })
        #expect(try boxed.digest != Dataset.open(spec, shape).digest)
        #expect(message { _ = try DataSpec("glyphs,fit=crop") }?.contains("stretch or letterbox") == true)
        #expect(message { _ = try DataSpec("tones,fit=stretch") }?.contains("no option 'fit'") == true)
    }
}
