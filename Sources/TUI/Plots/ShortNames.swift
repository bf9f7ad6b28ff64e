import Terminal

/// Names of layers in few cells, as they stand under the columns of a plot.
enum ShortNames {
    /// Names in so many cells, no two of them equal: those that would be say where they differ, or else their layers' numbers.
    static func labels(_ names: [String], numbers: [Int], to width: Int) -> [String] {
        var labels = names.map { label($0, to: width) }
        for form in [Form.difference, .number] {
            for (_, group) in Dictionary(grouping: labels.indices, by: { labels[$0] }) where group.count > 1 {
                let start = common(group.map { names[$0] })
                let end = common(group.map { String(names[$0].reversed()) })
                for index in group {
                    switch form {
                    case .difference:
                        let rest = names[index].dropFirst(start).dropLast(
                            min(end, names[index].count - start))
                        labels[index] = label("\(names[index].prefix(1))\(rest)", to: width)
                    case .number: labels[index] = "\(numbers[index])"
                    }
                }
            }
        }
        return labels
    }

    /// How a label that another layer would have too is told apart.
    private enum Form { case difference, number }

    /// How many letters all names begin with, and each has more of.
    private static func common(_ names: [String]) -> Int {
        min(TypedPath.common(names).count, (names.map(\.count).min() ?? 1) - 1)
    }

    /// A name in so many cells: start and end tell layers apart, dots go first.
    static func label(_ name: String, to width: Int) -> String {
        guard name.displayWidth > width else { return name }
        let bare = name.filter { $0 != "." && $0 != "_" && $0 != "/" }
        guard bare.displayWidth > width else { return bare }
        let digits = String(bare.reversed().prefix { $0.isNumber && $0.isASCII }.reversed()).suffix(2)
        var start = ""
        for letter in bare {
            guard start.displayWidth + letter.displayWidth + digits.count <= width else { break }
            start.append(letter)
        }
        return start + digits
    }
}
