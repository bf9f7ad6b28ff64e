package import Graph

/// Many assignments in few words: patterns stand for layers whose field gets the same value.
package enum AssignmentCover {
    /// From so many layers on a pattern is worth reading.
    private static let fewest = 4

    /// Assignments that change a network exactly as the given ones do; no two of those set the same field.
    package static func shortest(_ assignments: [FieldAssignment], in network: Network) -> [FieldAssignment] {
        var groups: [[FieldAssignment]] = []
        for assignment in assignments {
            let place = groups.firstIndex {
                $0[0].field == assignment.field && $0[0].value == assignment.value
            }
            if let place {
                if !groups[place].contains(assignment) { groups[place].append(assignment) }
            } else {
                groups.append([assignment])
            }
        }
        let shortened = groups.map { $0.count < fewest ? $0 : patterns(for: $0, in: network) }
        // The order of the assignments is kept where no pattern stands for any of them.
        let isShorter = zip(shortened, groups).contains { $0.count < $1.count }
        return isShorter ? Array(shortened.joined()) : unique(assignments)
    }

    private static func unique(_ assignments: [FieldAssignment]) -> [FieldAssignment] {
        var seen: Set<FieldAssignment> = []
        return assignments.filter { seen.insert($0).inserted }
    }

    /// Patterns for layers that get the same value, the one for most layers first taken.
    private static func patterns(for group: [FieldAssignment], in network: Network) -> [FieldAssignment] {
        let meant = Set(group.map(\.layer))
        let others =
            network.nodes.filter { node in
                guard !meant.contains(node.name), let value = node.layer.value(of: group[0].field) else {
                    return false
                }
                return value.description != group[0].value
            }.map(\.name)
            + network.inputs.filter { EditablePlace.input($0).fieldNames.contains(group[0].field) }.map(
                \.name)
        var covers: [(pattern: String, names: Set<String>)] = []
        for pattern in commonPatterns(of: group.map(\.layer)) {
            let glob = Glob(pattern)
            guard !others.contains(where: glob.matches) else { continue }
            covers.append((pattern, meant.filter(glob.matches)))
        }
        // The pattern that says more comes first; the alphabet makes the answer always the same.
        covers.sort { ($0.pattern.vagueness, $0.pattern) < ($1.pattern.vagueness, $1.pattern) }
        var uncovered = meant
        var words: [String] = []
        while !uncovered.isEmpty {
            let best = covers.max {
                uncovered.intersection($0.names).count < uncovered.intersection($1.names).count
            }
            guard let best, uncovered.intersection(best.names).count > 1 else { break }
            words.append(best.pattern)
            uncovered.subtract(best.names)
        }
        words += group.map(\.layer).filter(uncovered.contains)
        return words.map { FieldAssignment(layer: $0, field: group[0].field, value: group[0].value) }
    }

    /// Patterns that several names give rise to, those of most names only.
    private static func commonPatterns(of names: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for name in names {
            for pattern in Set(candidates(for: name)) { counts[pattern, default: 0] += 1 }
        }
        let shared = counts.filter { $0.value > 1 }
        return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostPatterns).map(\.key)
    }

    /// So many patterns are tried.
    private static let mostPatterns = 1000

    /// The name with everything between two seams left out, and with some or all of its numbers left out.
    private static func candidates(for name: String) -> [String] {
        let parts = seams(of: name)
        var patterns: [String] = []
        for start in 0..<parts.count {
            for end in (start + 1)...parts.count {
                patterns.append(parts[..<start].joined() + "*" + parts[end...].joined())
            }
        }
        let numbers = parts.indices.filter { parts[$0].first?.isNumber == true }.suffix(mostNumbers)
        var numberless = [parts]
        for number in numbers {
            numberless += numberless.map { words in
                var words = words
                words[number] = "*"
                return words
            }
        }
        return patterns + numberless.dropFirst().map { $0.joined() }
    }

    /// Of more numbers in a name than this, the first ones always stay.
    private static let mostNumbers = 4

    /// The name cut where letters, digits and signs meet.
    private static func seams(of name: String) -> [String] {
        var parts: [String] = []
        var last: Int?
        for character in name {
            let kind = character.isNumber ? 0 : character.isLetter ? 1 : 2
            if kind == last, kind != 2 {
                parts[parts.count - 1].append(character)
            } else {
                parts.append(String(character))
            }
            last = kind
        }
        return parts
    }
}

extension String {
    /// How little a pattern says: its stars, then the fewer signs the more.
    fileprivate var vagueness: Int { 1000 * count { $0 == "*" } - count }
}
