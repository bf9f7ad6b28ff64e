import Datasets
import Foundation
import Graph
import TestTraits
import Testing

@Suite("COCO sets", .limited)
struct COCOTests {
    let shape = Shape.map(channels: 1, height: 20, width: 40)
    let categories = #""categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}]"#

    /// Two pictures of height 10 and width 20, and files.
    private func folder(_ files: [String: String]) throws -> TestFolder {
        let folder = try TestFolder()
        for name in ["a", "b"] {
            try folder.write(plainPicture(height: 10, width: 20), to: "pictures/\(name).png")
        }
        for (name, text) in files { try folder.write(text, to: name) }
        return folder
    }

    private func open(_ folder: TestFolder, _ options: String = "") throws -> Dataset {
        let spec = try DataSpec("coco:\(folder.path)/set.json,images=\(folder.path)/pictures\(options)")
        return try Dataset.open(spec, shape: shape, task: petTask())
    }

    @Test("boxes, crowds and areas are read, and test pictures from a file of their own")
    func boxes() throws {
        let set = """
            {"info": {"a": [1, {"b": "]"}]},
             "annotations": [
               {"id": 1, "image_id": 5, "category_id": 7, "bbox": [2, 1, 10, 5], "area": 31.5,
                "segmentation": [[1.5, 2, 3e1]], "iscrowd": 0},
               {"id": 2, "image_id": 5, "category_id": 3, "bbox": [10, 5, 20.5, 5], "iscrowd": 1},
               {"id": 3, "image_id": 6, "category_id": 3, "bbox": [10, 5, 0, 5]}],
             "images": [{"id": 5, "file_name": "b.png", "height": 10, "width": 20},
                        {"id": 6, "file_name": "\\u0061.png"}], \(categories)}
            """
        let test = #"{"images": [{"id": 5, "file_name": "a.png"}], "annotations": [], \#(categories)}"#
        let folder = try folder(["set.json": set, "test.json": test])
        let dataset = try open(folder, ",test=\(folder.path)/test.json")
        #expect(Split.allCases.map(dataset.count) == [2, 0, 1])
        let answers = try dataset.answers(.train)
        #expect(answers[0].boxes.isEmpty)
        #expect(answers[1].boxes.map(\.sides) == [[4, 2, 24, 12], [20, 10, 40, 20]])
        #expect(answers[1].boxes.map(\.label) == [1, 0])
        #expect(answers[1].boxes.map(\.area) == [31.5, 50])
        #expect(answers[1].boxes.map(\.isCrowd) == [false, true])
        #expect(answers[1].boxes.map(\.isIgnored) == [false, true])
        #expect(dataset.notes == ["1 box without an area left out"])
        let held = try open(folder, ",validation=0.5")
        #expect(Split.allCases.map(held.count) == [1, 1, 0])
        // The same set in another folder is the same set.
        let moved = try self.folder(["set.json": set, "test.json": test])
        #expect(try open(moved, ",test=\(moved.path)/test.json").digest == dataset.digest)
    }

    @Test("without labels the pictures are all that is read of the file")
    func unlabelled() throws {
        let folder = try folder([
            "set.json": #"{"images": [{"id": 5, "file_name": "b.png"}], "annotations": [{"image_id": 9}]}"#
        ])
        #expect(throws: DatasetError.self) { try open(folder) }
        let spec = try DataSpec("coco:\(folder.path)/set.json,images=\(folder.path)/pictures")
        let set = try Dataset.open(spec, shape: shape, task: petTask(), readsLabels: false)
        #expect(set.count(.train) == 1 && !set.holdsBoxes)
    }

    @Test("everything that is wrong is said at once, with file and line")
    func faults() throws {
        let folder = try folder([
            "set.json": """
            {"images": [{"id": 5, "file_name": "b.png", "height": 11}, {"id": "x", "file_name": "a.png"},
             {"id": 6}, {"id": 7, "file_name": "none.png"}, 3,
             {"id": 5, "file_name": "b.png", "height": 11}],
             "annotations": [{"image_id": 5, "category_id": 3, "bbox": [1, 2, 3]},
             {"image_id": 5, "category_id": 3, "bbox": [1, 2, 3, "4"]},
             {"image_id": 99, "category_id": 3, "bbox": [1, 2, 3, 4]},
             {"image_id": 5, "category_id": 4, "bbox": [1, 2, 3, 4]},
             {"image_id": 5, "category_id": 3, "bbox": [1, 2, -3, 4]},
             {"image_id": null, "category_id": 3, "iscrowd": 2, "bbox": [1, 2, 3, 4]},
             {"image_id": 5, "category_id": 3, "bbox": [50, 2, 3, 4]}],
             "categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}, {"id": 8, "name": 1},
             {"id": 7, "name": "cow"}]}
            """
        ])
        let found = message { _ = try open(folder) } ?? "nothing"
        for expected in [
            "set.json:1: images[1].id is no whole number", "set.json:2: images[2].file_name is no name",
            "none.png is not there", "set.json:2: images[4] is no object",
            "set.json:3: images[5].id is 5, as of another image",
            "set.json:4: annotations[0].bbox is no list of four numbers",
            "set.json:5: annotations[1].bbox is no list of four numbers",
            "set.json:6: annotations[2].image_id is 99", "set.json:7: annotations[3].category_id is 4",
            "set.json:8: annotations[4].bbox has a width or height below 0",
            "set.json:9: annotations[5].image_id is no whole number",
            "set.json:9: annotations[5].iscrowd is neither 0 nor 1",
            "annotations[6]: a box from x 50.0, y 2.0 to x 53.0, y 6.0 lies outside",
            "set.json:11: categories[2].name is no text", "set.json:12: categories[3].id is 7",
            "height of image 5 is 11",
        ] {
            #expect(found.contains(expected), "\(expected) is not in \(found)")
        }
    }

    @Test(
        "a file that is no document is refused with the line",
        arguments: [
            ("", ":1: an object is expected, the file ends"), ("[]", ":1: an object is expected"),
            ("{\"images\": [\n", ":2: "), ("{\"images\": 3}", "images is no list"),
            ("{\"a\": \"b", ":1: the text that starts here never ends"),
            ("{}", "annotations is missing"), ("{} x", "there is more after the end"),
            ("{\"a\": " + String(repeating: "[", count: 100), "deeper than 64"),
            ("{\"a\": 1 \"b\": 2}", "',' or '}' is expected"), ("{\"images\": [{\"id\": 1e999}]}", "number"),
        ])
    func damaged(text: String, part: String) throws {
        let folder = try folder(["set.json": text])
        let found = message { _ = try open(folder) } ?? "nothing"
        #expect(found.contains(part), "\(found)")
    }
}
