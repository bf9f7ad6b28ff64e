import Graph

/// The names of classes in a YAML file, as sets for YOLO have them: a list, numbers with names, or either on one line.
///
/// No more of YAML is read than that.
struct ClassNames {
    /// The names in the order of their numbers.
    private(set) var names: [String] = []
    /// What is wrong.
    private(set) var faults: [LabelFault] = []

    /// Finds `names:` in the lines of a file; nil where there is none.
    init?(_ text: TextLines) {
        let lines = text.lines.map(ClassNames.withoutComment)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("names:") }) else { return nil }
        var entries: [(line: Int, text: Substring)] = []
        let rest = lines[start].dropFirst("names:".count).trimmed
        if let open = rest.first, open == "[" || open == "{" {
            let close: Character = open == "[" ? "]" : "}"
            var isClosed = false
            var content = rest.dropFirst()
            var number = start
            while true {
                if let end = content.lastIndex(of: close) {
                    content = content[..<end]
                    isClosed = true
                }
                entries += content.split(separator: ",").map { (number + 1, $0.trimmed) }
                number += 1
                guard !isClosed, number < lines.count else { break }
                content = lines[number].trimmed
            }
            if !isClosed {
                faults.append(
                    LabelFault(text.file, line: start + 1, "the list of names has no '\(close)' at its end"))
            }
        } else {
            for (index, line) in lines.enumerated().dropFirst(start + 1) {
                guard !line.trimmed.isEmpty else { continue }
                guard line.first == " " || line.first == "\t" || line.first == "-" else { break }
                var entry = line.trimmed
                if entry.first == "-" { entry = entry.dropFirst().trimmed }
                entries.append((index + 1, entry))
            }
        }
        for (line, entry) in entries where !entry.isEmpty { read(entry, at: line, of: text.file) }
        if names.isEmpty, faults.isEmpty {
            faults.append(LabelFault(text.file, line: start + 1, "'names:' is followed by no name"))
        }
    }

    private mutating func read(_ entry: Substring, at line: Int, of file: String) {
        var name = entry
        if let colon = entry.firstIndex(of: ":"), let number = Int(String(entry[..<colon].trimmed)) {
            guard number == names.count else {
                faults.append(
                    LabelFault(
                        file, line: line, "the class \(number) stands where \(names.count) is expected"))
                return
            }
            name = entry[entry.index(after: colon)...].trimmed
        }
        for quote in ["'", "\""] where name.count > 1 && name.hasPrefix(quote) && name.hasSuffix(quote) {
            name = name.dropFirst().dropLast()
        }
        guard !name.isEmpty, !names.contains(String(name)) else {
            let reason =
                name.isEmpty ? "a class has no name" : "the class \(quoted(String(name))) stands twice"
            faults.append(LabelFault(file, line: line, reason))
            return
        }
        names.append(String(name))
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        if line.trimmed.first == "#" { return "" }
        guard let mark = line.firstRange(of: " #") else { return line }
        return line[..<mark.lowerBound]
    }

    /// The names in the one YAML file of a folder that has some; nil where there is none.
    static func find(in folder: String, _ faults: inout [LabelFault]) throws(DatasetError) -> [String]? {
        var found: [(file: String, names: ClassNames)] = []
        for name in try entries(of: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let file = OpenedDataset.path(name, in: folder)
            guard !isFolder(file) else { continue }
            if let names = ClassNames(try TextLines(file, needed: "it names the classes")) {
                found.append((file, names))
            }
        }
        guard let first = found.first else { return nil }
        guard found.count == 1 else {
            faults.append(
                LabelFault(
                    found[1].file,
                    "names classes, as \(first.file) does; leave one of them in the folder"))
            return first.names.names
        }
        faults += first.names.faults
        return first.names.names
    }
}
