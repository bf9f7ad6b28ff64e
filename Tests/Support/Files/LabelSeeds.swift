import Datasets
import Graph

/// Small sets of pictures with boxes, one in each format of labels.
enum LabelSeeds {
    /// Label files beside a picture of 8x8 that a list names.
    static let yolo = FileSeeds.Seed(
        name: "yolo",
        files: [
            file("a.txt", "0 0.5 0.5 0.25 0.75\n1 0.1 0.2 0.3 0.4 0.5 0.6\n\n0 1 1 0.5 0.5\n"),
            file("set.yaml", "path: .\nnames:\n  0: cat # first\n  1: 'dog'\nval: x\n"),
            file("list.txt", "./a.png\n"), picture("a.png"),
        ])

    /// Two objects, one of them difficult.
    static let voc = FileSeeds.Seed(
        name: "voc",
        files: [
            file(
                "Annotations/a.xml",
                """
                <?xml version="1.0"?>
                <!-- a comment -->
                <annotation><filename>a.png</filename>
                <size><width>8</width><height>8</height><depth>1</depth></size>
                <object><name>c&#97;t</name><difficult>1</difficult>
                <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5.5</xmax><ymax>9</ymax></bndbox></object>
                <object a="b"><name><![CDATA[dog]]></name>
                <bndbox><xmin>0</xmin><ymin>0</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></object>
                </annotation>
                """),
            file("ImageSets/Main/train.txt", "a 1\n"), picture("JPEGImages/a.png"),
        ])

    /// A box and a crowd.
    static let coco = FileSeeds.Seed(
        name: "coco",
        files: [
            file(
                "set.json",
                """
                {"info": {"year": 2017}, "images": [{"id": 1, "file_name": "a.png", "height": 8, "width": 8}],
                 "annotations": [
                  {"id": 1, "image_id": 1, "category_id": 18, "bbox": [1, 2.5, 3e0, 4], "iscrowd": 0, "area": 9.5,
                   "segmentation": [[1, 2, 3, 4, 5, 6]]},
                  {"id": 2, "image_id": 1, "category_id": 17, "bbox": [0, 0, 8, 8], "iscrowd": 1}],
                 "categories": [{"id": 17, "name": "cat"}, {"id": 18, "name": "d\\u006fg"}]}
                """), picture("a.png"),
        ])

    /// What labels are made of.
    static let tokens: [[UInt8]] = [
        "\n", " ", "0 ", "-1", "0.5", "nan", "inf", "1e999", "0x1p3", "99999999999", "names:", "names: [",
        "]",
        "- ", "  7: x", "#", "./", "a.png", "/dev/zero", "..", "<", ">", "</", "/>", "<object>", "</object>",
        "<bndbox>", "</bndbox>", "<xmin>", "</xmin>", "&amp;", "&lol;", "&#x41;", "&#0;", "<!DOCTYPE a [",
        "<!ENTITY lol \"lol\">", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "{", "}", "[", ",", ":", "\"",
        "\"bbox\":", "\"image_id\":", "\"id\":", "null", "[[[[[[[[", "\\u0000", "\\", "1e-320", "-0",
    ].map { Array($0.utf8) }

    /// How a seed's set is written, in a folder.
    static func spec(_ format: FileFuzz.Format, in folder: String) -> String? {
        switch format {
        case .yolo: "yolo:\(folder),train=list.txt"
        case .voc: "voc:\(folder)"
        case .coco: "coco:\(folder)/set.json"
        case .onnx, .safetensors, .npz, .dump, .recording, .store: nil
        }
    }

    /// The task whose classes the sets have.
    static let task = NetworkTask.detection(
        DetectionTask(
            classes: ["cat", "dog"],
            heads: [.yolov5(AnchorHead(layer: HeadPart("p"), anchors: [BoxSize(width: 4, height: 4)]))]))

    private static func file(_ name: String, _ text: String) -> (name: String, bytes: [UInt8]) {
        (name, Array(text.utf8))
    }

    private static func picture(_ name: String) -> (name: String, bytes: [UInt8]) {
        (name, SmallPictures.one)
    }
}
