import Foundation

/// The tags of an HTML page, to see what a browser would make of it.
struct PageScan {
    /// The names of all tags that open an element, in order.
    private(set) var elements: [String] = []
    /// What is wrong: a tag that closes another element than the last one, or an element that stays open.
    private(set) var fault: String?

    private static let empty: Set = ["meta", "img", "br", "link", "input", "hr"]

    init(_ page: String) {
        var open: [String] = []
        var rest = page[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("!") { continue }
            let name = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
            if tag.hasPrefix("/") {
                if open.popLast() != name { fault = fault ?? "</\(name)> closes nothing" }
                continue
            }
            elements.append(name)
            guard !tag.hasSuffix("/"), !PageScan.empty.contains(name) else { continue }
            open.append(name)
        }
        if let last = open.last { fault = fault ?? "<\(last)> stays open" }
    }

    /// How many elements have a name.
    func count(_ name: String) -> Int { elements.count { $0 == name } }
}
