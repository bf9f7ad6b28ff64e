// A task as the member `task` of a `network.json`.
extension NetworkTask {
    /// The most classes that a task may name.
    static let classLimit = 65_536

    /// Reads a task from text: as a file has it, or the word of one that has nothing else to say.
    public init(text: String) throws(FileError) {
        let isFile = text.first { !$0.isWhitespace } == "{"
        try self.init(isFile ? JSON(text: text) : ["kind": .string(text)], at: "task")
    }

    /// Reads a task; an error carries the path inside the document.
    init(_ json: JSON, at path: String) throws(FileError) {
        var object = try ObjectReader(json, at: path)
        let word = try object.requireText("kind")
        guard let kind = Kind(rawValue: word) else {
            throw FileError(object.place("kind"), unknown("task", word, among: Kind.allCases.map(\.rawValue)))
        }
        switch kind {
        case .classification: self = .classification
        case .regression: self = .regression
        case .segmentation:
            let classes = try object.takeClasses()
            self = .segmentation(SegmentationTask(classes: classes, fit: try object.takeFit() ?? .stretch))
        case .detection:
            let classes = try object.takeClasses()
            let fit = try object.takeFit() ?? .letterbox
            var heads: [DetectionHead] = []
            for (index, head) in try object.takeList("heads", required: true).enumerated() {
                heads.append(try DetectionHead(head, at: object.place("heads[\(index)]")))
            }
            guard !heads.isEmpty else {
                throw FileError(object.place("heads"), "is empty; boxes need a head")
            }
            self = .detection(DetectionTask(classes: classes, fit: fit, heads: heads))
        }
        try object.finish("a task of the kind \(kind.rawValue)")
    }

    /// The task as a file has it; nil for classification, which needs no word.
    public var json: JSON? {
        switch self {
        case .classification: nil
        case .regression: ["kind": .string(kind.rawValue)]
        case .segmentation(let task):
            [
                "kind": .string(kind.rawValue), "classes": .array(task.classes.map(JSON.string)),
                "fit": .string(task.fit.rawValue),
            ]
        case .detection(let task):
            [
                "kind": .string(kind.rawValue), "classes": .array(task.classes.map(JSON.string)),
                "fit": .string(task.fit.rawValue), "heads": .array(task.heads.map(\.json)),
            ]
        }
    }
}

extension Network {
    /// The task as lines of a file, a head a line; nil for classification.
    public var taskLines: String? {
        guard case .object(let members)? = task.json else { return nil }
        let lines = members.map { member in
            var value = member.value.compact
            if member.key == "heads", case .array(let heads) = member.value {
                value = "[\n      " + heads.map(\.compact).joined(separator: ",\n      ") + "\n    ]"
            }
            return "\(JSON.string(member.key).compact): \(value)"
        }
        return "{\n    " + lines.joined(separator: ",\n    ") + "\n  }"
    }
}

private func unknown(_ thing: String, _ word: String, among words: [String]) -> String {
    "no \(thing) is named \(quoted(word)); \(thing)s are \(words.joined(separator: ", "))"
        + didYouMean(word, among: words)
}

extension ObjectReader {
    fileprivate mutating func takeClasses() throws(FileError) -> [String] {
        var classes: [String] = []
        for (index, value) in try takeList("classes", required: true).enumerated() {
            let place = place("classes[\(index)]")
            guard case .string(let name) = value, !name.isEmpty else {
                throw FileError(place, "is \(value.kind), a name is expected")
            }
            guard !classes.contains(name) else { throw FileError(place, "\(quoted(name)) stands twice") }
            classes.append(name)
        }
        guard (1...NetworkTask.classLimit).contains(classes.count) else {
            throw FileError(
                place("classes"), "has \(classes.count) names, 1 to \(NetworkTask.classLimit) are expected")
        }
        return classes
    }

    fileprivate mutating func takeFit() throws(FileError) -> PictureFitting? {
        guard let word = try takeText("fit") else { return nil }
        guard let fit = PictureFitting(rawValue: word) else {
            throw FileError(
                place("fit"), unknown("fit", word, among: PictureFitting.allCases.map(\.rawValue)))
        }
        return fit
    }

    fileprivate mutating func takePart(_ key: String) throws(FileError) -> HeadPart? {
        guard let value = take(key) else { return nil }
        switch value {
        case .string(let name): return HeadPart(name)
        case .object:
            var object = try ObjectReader(value, at: place(key))
            let name = try object.requireText("layer")
            let first = try object.takeWhole("from", in: 0...Shape.elementLimit) ?? 0
            try object.finish("a part of a head")
            return HeadPart(name, from: first)
        case .null, .boolean, .integer, .number, .array:
            throw FileError(place(key), "is \(value.kind), the name of a layer is expected")
        }
    }

    fileprivate mutating func requirePart(_ key: String) throws(FileError) -> HeadPart {
        guard let part = try takePart(key) else { throw FileError(place(key), "is missing") }
        return part
    }

    fileprivate mutating func takeWhole(_ key: String, in range: ClosedRange<Int>) throws(FileError) -> Int? {
        guard let value = take(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw FileError(
                place(key), "is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Pairs of width and height, each above 0.
    fileprivate mutating func takeSizes(_ key: String) throws(FileError) -> [BoxSize] {
        var sizes: [BoxSize] = []
        for (index, value) in try takeList(key, required: true).enumerated() {
            guard case .array(let pair) = value, pair.count == 2, let width = pair[0].positive,
                let height = pair[1].positive
            else {
                throw FileError(
                    place("\(key)[\(index)]"), "is no pair of width and height in pixels, such as [10, 13]")
            }
            sizes.append(BoxSize(width: width, height: height))
        }
        guard (1...1024).contains(sizes.count) else {
            throw FileError(place(key), "has \(sizes.count) sizes, 1 to 1024 are expected")
        }
        return sizes
    }
}

extension JSON {
    /// A number above 0 that single precision holds.
    fileprivate var positive: Double? {
        let value: Double
        switch self {
        case .integer(let number): value = Double(number)
        case .number(let number): value = number
        case .null, .boolean, .string, .array, .object: return nil
        }
        return value > 1e-6 && value < 1e6 ? value : nil
    }

    fileprivate static func shortest(_ value: Double) -> JSON {
        value == value.rounded() ? .integer(Int(held: value)) : .number(value)
    }
}

extension HeadPart {
    fileprivate var json: JSON {
        firstChannel == 0 ? .string(layer) : ["layer": .string(layer), "from": .integer(firstChannel)]
    }
}

extension DetectionHead {
    fileprivate init(_ json: JSON, at path: String) throws(FileError) {
        var object = try ObjectReader(json, at: path)
        let word = try object.requireText("kind")
        guard let kind = Kind(rawValue: word) else {
            throw FileError(object.place("kind"), unknown("head", word, among: Kind.allCases.map(\.rawValue)))
        }
        switch kind {
        case .yolov3, .yolov5:
            let head = AnchorHead(
                layer: try object.requirePart("layer"), anchors: try object.takeSizes("anchors"))
            self = kind == .yolov3 ? .yolov3(head) : .yolov5(head)
        case .ssd:
            var head = PriorHead(
                scores: try object.requirePart("scores"), boxes: try object.requirePart("boxes"),
                priors: try object.takeSizes("priors"))
            let place = object.place("variances")
            if let value = object.take("variances") {
                guard case .array(let pair) = value, pair.count == 2, let centre = pair[0].positive,
                    let size = pair[1].positive
                else { throw FileError(place, "is no pair of numbers above 0, such as [0.1, 0.2]") }
                head.variances = (centre, size)
            }
            self = .ssd(head)
        case .distances:
            var head = DistanceHead(
                scores: try object.requirePart("scores"), boxes: try object.requirePart("boxes"),
                objectness: try object.takePart("objectness"))
            head.bins = try object.takeWhole("bins", in: 0...256) ?? 0
            if let word = try object.takeText("coding") {
                guard let coding = DistanceHead.Coding(rawValue: word) else {
                    throw FileError(
                        object.place("coding"),
                        unknown("coding", word, among: DistanceHead.Coding.allCases.map(\.rawValue)))
                }
                head.coding = coding
            }
            guard head.bins == 0 || head.coding == .sides && head.bins > 1 else {
                throw FileError(object.place("bins"), "belong to the coding 'sides', and are 2 or more")
            }
            // The stride follows from the shapes; files that say it are read, and it is not kept.
            _ = try object.takeWhole("stride", in: 1...65_536)
            self = .distances(head)
        }
        try object.finish("a head of the kind \(kind.rawValue)")
    }

    fileprivate var json: JSON {
        var members: [JSON.Member] = [.init("kind", .string(kind.rawValue))]
        members += parts.map { .init($0.name, $0.part.json) }
        switch self {
        case .yolov3(let head), .yolov5(let head): members.append(.init("anchors", .sizes(head.anchors)))
        case .ssd(let head):
            members.append(.init("priors", .sizes(head.priors)))
            members.append(
                .init("variances", [.shortest(head.variances.centre), .shortest(head.variances.size)]))
        case .distances(let head):
            if head.coding != .sides { members.append(.init("coding", .string(head.coding.rawValue))) }
            if head.bins > 0 { members.append(.init("bins", .integer(head.bins))) }
        }
        return .object(members)
    }
}

extension JSON {
    fileprivate static func sizes(_ sizes: [BoxSize]) -> JSON {
        .array(sizes.map { [.shortest($0.width), .shortest($0.height)] })
    }
}
