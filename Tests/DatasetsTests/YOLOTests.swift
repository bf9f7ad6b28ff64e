import Datasets
import Graph
import TestTraits
import Testing

@Suite("YOLO sets", .limited)
struct YOLOTests {
    let shape = Shape.map(channels: 1, height: 20, width: 40)

    /// Pictures of height 10 and width 20 with these label files, and names.
    private func folder(
        _ labels: [String: String], names: String? = "names: [cat, dog]\n"
    ) throws -> TestFolder {
        let folder = try TestFolder()
        for (name, text) in labels {
            try folder.write(text, to: "labels/\(name).txt")
            try folder.write(plainPicture(height: 10, width: 20), to: "images/\(name).png")
        }
        if let names { try folder.write(names, to: "set.yaml") }
        return folder
    }

    private func open(
        _ folder: TestFolder, _ options: String = "", task: NetworkTask = petTask()
    ) throws -> Dataset {
        try Dataset.open(DataSpec("yolo:\(folder.path)\(options)"), shape: shape, task: task)
    }

    @Test("boxes are read from shares to pixels of the input, split by folder")
    func boxes() throws {
        let folder = try folder([
            "train2017/a": "1 0.5 0.5 0.5 0.2\n\n0 0.25 0.5 0.5 1\n", "train2017/b": "",
            "val/c": "0 0.5 0.5 1 1",
            "test/d": "1 0.9 0.5 0.4 0.5",
        ])
        let set = try open(folder)
        #expect(set.holdsBoxes && set.isLabelled && set.classNames == ["cat", "dog"])
        #expect(Split.allCases.map(set.count) == [2, 1, 1])
        let answers = try set.answers(.train)
        #expect(answers[0].boxes.map(\.sides) == [[10, 8, 30, 12], [0, 0, 20, 20]])
        #expect(answers[0].boxes.map(\.label) == [1, 0])
        #expect(answers[0].boxes.map(\.area) == [20, 100])
        #expect(answers[1].boxes.isEmpty)
        // A box that goes over the edge is clipped.
        #expect(try set.answers(.test)[0].boxes[0].sides == [28, 5, 40, 15])
        #expect(set.file(of: 0, in: .validation)?.hasSuffix("images/val/c.png") == true)
        #expect(set.notes.isEmpty)
    }

    @Test("a polygon counts as the box around it")
    func polygon() throws {
        let folder = try folder(["train/a": "0 0.1 0.2 0.9 0.3 0.5 0.8", "val/b": ""])
        #expect(try open(folder).answers(.train)[0].boxes.map(\.sides) == [[4, 4, 36, 16]])
    }

    @Test(
        "class names stand as a list, with numbers, or on one line",
        arguments: [
            "names:\n  - cat # first\n  - 'dog'\nnc: 2\n", "path: .\nnames:\n  0: cat\n  1: \"dog\"\n",
            "names: [ 'cat', dog ]\n", "names: {0: cat, 1: dog}", "names: [cat,\n  dog]\nval: x\n",
            "names:\n- cat\n- dog\nroboflow:\n  version: 1\n",
        ])
    func names(text: String) throws {
        let folder = try folder(["train/a": "1 0.5 0.5 1 1", "val/b": ""], names: text)
        #expect(
            try open(folder, task: petTask(classes: ["dog"])).answers(.train)[0].boxes.map(\.label) == [0])
    }

    @Test("objects of other classes are left out, and it is said; no class of the task is an error")
    func otherClasses() throws {
        let folder = try folder(
            ["train/a": "1 0.5 0.5 1 1\n0 0.5 0.5 1 1\n2 0.5 0.5 1 1\n0 0.5 0.5 1 0", "val/b": ""],
            names: "names: [cat, dog, cow]")
        let set = try open(folder, task: petTask(classes: ["horse", "dog"]))
        #expect(try set.answers(.train)[0].boxes.map(\.label) == [1])
        #expect(set.notes == ["2 objects of 2 other classes are left out", "1 box without an area left out"])
        let found = message { _ = try open(folder, task: petTask(classes: ["horse"])) } ?? "nothing"
        #expect(found.contains("the task has 'horse', the data has 'cat', 'dog', 'cow'"), "\(found)")
    }

    @Test(
        "where no labels are asked for, wrong ones, missing pictures of labels and other classes do not matter"
    )
    func labelsLeftAlone() throws {
        let folder = try folder(["train/a": "7 nonsense", "val/b": ""], names: "names: [cow]")
        try folder.write("0 0.5 0.5 1 1", to: "labels/train/lost.txt")
        #expect(throws: DatasetError.self) { try open(folder) }
        let spec = try DataSpec("yolo:\(folder.path)")
        let set = try Dataset.open(spec, shape: shape, task: petTask(), readsLabels: false)
        #expect(!set.holdsBoxes && !set.isLabelled && set.classNames == ["unlabelled"])
        #expect(set.count(.train) == 1 && set.count(.validation) == 1 && set.notes.isEmpty)
        #expect(try set.answers(.train)[0].boxes.isEmpty)
        // A file that is no picture is said all the same.
        try folder.write("no picture", to: "images/train/c.png")
        let found = message {
            _ = try Dataset.open(spec, shape: shape, task: petTask(), readsLabels: false)
        }
        #expect(found?.contains("c.png: does not decode") == true, "\(found ?? "nothing")")
    }

    @Test("without names the classes are their numbers")
    func numbered() throws {
        let folder = try folder(["train/a": "3 0.5 0.5 1 1\n0 0.5 0.5 1 1", "val/b": ""], names: nil)
        let set = try open(folder, task: petTask(classes: ["0", "3"]))
        #expect(try set.answers(.train)[0].boxes.map(\.label) == [1, 0])
    }

    @Test(
        "pictures may lie in images itself, in SPLIT/images, or be listed; one without labels has no objects")
    func places() throws {
        let plain = try folder(["a": "0 0.5 0.5 1 1", "b": ""])
        try plain.write(plainPicture(height: 10, width: 20), to: "images/c.png")
        let set = try open(plain)
        #expect(set.count(.train) == 3)
        #expect(
            set.notes == [
                "1 picture without a label file: taken as without objects",
                "no validation and no test pictures; validation=0.1 holds some back",
            ])
        let parted = try TestFolder()
        try parted.write("names: [cat, dog]", to: "data.yaml")
        for part in ["train", "valid"] {
            try parted.write(plainPicture(height: 10, width: 20), to: "\(part)/images/1.png")
            try parted.write("1 0.5 0.5 1 1", to: "\(part)/labels/1.txt")
        }
        #expect(try open(parted).answers(.validation)[0].boxes.map(\.label) == [1])
        try plain.write("./images/b.png\n\nimages/a.png\n", to: "some.txt")
        let listed = try open(plain, ",train=some.txt,val=some.txt")
        #expect(Split.allCases.map(listed.count) == [2, 2, 0])
        #expect(try listed.answers(.train).map(\.boxes.count) == [0, 1])
        #expect(listed.digest != set.digest)
    }

    @Test("for a network that finds no boxes the pictures are without labels")
    func unlabelled() throws {
        let folder = try folder(["train/a": "9 nonsense", "val/b": ""])
        let set = try open(folder, task: .classification)
        #expect(!set.isLabelled && !set.holdsBoxes)
        #expect(Split.allCases.map(set.count) == [1, 1, 0])
        #expect(try set.all(.train).values == [Float](repeating: 200, count: 800))
    }

    @Test("everything that is wrong is said at once, with file and line")
    func faults() throws {
        let folder = try folder([
            "train/a": "0 0.5 0.5 1 1\n2 0.5 0.5 1 1\n0 1.5 0.5 1 1\n0 0.5 0.5 1\n0 0.5 x 1 1",
            "train/b": "-1 0.5 0.5 1 1\n0.5 0.5 0.5 1 1\n0 nan 0.5 1 1\n0 0.5 0.5 -1 1", "train/c": "",
            "val/d": "0 0 0 0 0 0",
        ])
        try folder.write("0 0.5 0.5 1 1", to: "labels/train/alone.txt")
        try folder.write("no picture", to: "images/train/c.png")
        let found = message { _ = try open(folder) } ?? "nothing"
        let lines = found.split(separator: "\n").map(String.init)
        #expect(lines.first == "11 faults in the data set:")
        for expected in [
            "a.txt:2: the class 2 is none of 0 to 1", "a.txt:3: 1.5 is no share of the picture, 0 to 1",
            "a.txt:4: there are 4 numbers, 5 are expected", "a.txt:5: 'x' is no number",
            "b.txt:1: the class -1 is none", "b.txt:2: the class 0.5 is none", "b.txt:3: 'nan' is no number",
            "b.txt:4: -1 is no share", "val/d.txt:1: there are 6 numbers", "alone.txt: has no picture in",
            "train/c.png: does not decode",
        ] {
            #expect(lines.contains { $0.contains(expected) }, "\(expected) is not in \(found)")
        }
    }

    @Test("fifty faults are shown, the others counted; names and lists are checked too")
    func manyFaults() throws {
        let many = try folder(["train/a": String(repeating: "7 0.5 0.5 1 1\n", count: 80)])
        let lines = (message { _ = try open(many) } ?? "").split(separator: "\n")
        #expect(lines.first == "80 faults in the data set:" && lines.count == 52)
        #expect(lines.last == "and 30 more")
        let gaps = try folder(["train/a": ""], names: "names:\n  0: cat\n  2: dog\n  1: cat\n")
        let found = message { _ = try open(gaps) } ?? "nothing"
        #expect(found.contains("set.yaml:3: the class 2 stands where 1 is expected"), "\(found)")
        #expect(found.contains("set.yaml:4: the class 'cat' stands twice"), "\(found)")
        try gaps.write("names: [cat]", to: "other.yaml")
        #expect(message { _ = try open(gaps) }?.contains("leave one of them") == true)
        try gaps.write("images/train/a.png\nimages/none.png\n", to: "list.txt")
        let listed = message { _ = try open(gaps, ",train=list.txt") } ?? "nothing"
        #expect(listed.contains("list.txt:2: the picture"), "\(listed)")
    }

    @Test("own validation pictures and a share do not go together")
    func share() throws {
        let folder = try folder(["train/a": "0 0.5 0.5 1 1", "train/b": "", "val/c": ""])
        #expect(message { _ = try open(folder, ",validation=0.5") }?.contains("has 1 picture for it") == true)
    }
}
