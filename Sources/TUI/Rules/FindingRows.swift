import Devices
import Editing
import Graph
import Terminal

/// A row of view 2's list: the findings of one rule together, or one finding.
enum FindingRow: Hashable, Sendable {
    /// Several findings of one rule, by their positions among `shownFindings`.
    case group([Int], isOpen: Bool)
    /// The finding at a position. `member` says which of its group it is, where it stands under one: the last one or not.
    case single(Int, member: Member?)

    /// A place in an open group.
    enum Member: Hashable, Sendable { case inner, last }

    /// The findings that it stands for.
    var positions: [Int] {
        switch self {
        case .group(let positions, _): positions
        case .single(let position, _): [position]
        }
    }
}

/// What findings of one group have in common.
struct FindingKind: Hashable, Sendable {
    let rule: String
    let severity: Severity
    let isWaived: Bool

    init(_ finding: Finding) {
        rule = finding.rule
        severity = finding.severity
        isWaived = finding.waived != nil
    }
}

extension ScreenState {
    /// The rows of the list of findings: where a rule has several, one row, with theirs below it while it is open.
    func findingRows(of findings: [Finding]) -> [FindingRow] {
        var groups: [[Int]] = []
        var places: [FindingKind: Int] = [:]
        for (position, finding) in findings.enumerated() {
            let kind = FindingKind(finding)
            if let place = places[kind] {
                groups[place].append(position)
            } else {
                places[kind] = groups.count
                groups.append([position])
            }
        }
        return groups.flatMap { positions -> [FindingRow] in
            guard positions.count > 1 else { return [.single(positions[0], member: nil)] }
            guard rules.opened.contains(FindingKind(findings[positions[0]])) else {
                return [.group(positions, isOpen: false)]
            }
            return [.group(positions, isOpen: true)]
                + positions.map { .single($0, member: $0 == positions.last ? .last : .inner) }
        }
    }

    /// The findings of the chosen row of view 2: one, or all of a rule.
    var selectedFindings: [Finding] {
        let findings = shownFindings
        let rows = findingRows(of: findings)
        return rows.indices.contains(rules.row) ? rows[rules.row].positions.map { findings[$0] } : []
    }

    /// Opens or closes the group of the chosen row; nil does the other one.
    mutating func openGroup(_ isOpen: Bool?) {
        let findings = shownFindings
        let rows = findingRows(of: findings)
        guard rows.indices.contains(rules.row) else { return refuse("nothing is wrong here") }
        guard
            let header = rows[...rules.row].lastIndex(where: {
                $0.positions.contains(rows[rules.row].positions[0]) && $0.isGroup
            }),
            case .group(let positions, let wasOpen) = rows[header]
        else { return refuse("the rule has one finding, which is the row itself") }
        let kind = FindingKind(findings[positions[0]])
        if isOpen ?? !wasOpen {
            rules.opened.insert(kind)
        } else {
            // Left on a member leads to its group first, as trees do.
            if isOpen == nil || header == rules.row { rules.opened.remove(kind) }
            rules.row = header
            rules.remedy = 0
        }
    }

    /// "17 layers", for a group; the layer of a single finding.
    func subject(of findings: [Finding]) -> String {
        guard findings.count > 1 else { return findings.first?.layer ?? "network" }
        let layers = Set(findings.compactMap(\.layer)).count
        return layers > 1 ? "\(layers) layers" : "\(findings.count) times"
    }

    /// What the findings of a group have instead, where all have the same; else what the rule asks for.
    func words(for findings: [Finding]) -> String {
        let first = findings.first?.actual ?? ""
        return findings.allSatisfy { $0.actual == first } ? first : message(of: findings)
    }

    /// What the rule of some findings asks for.
    func message(of findings: [Finding]) -> String {
        let first = findings.first?.message ?? ""
        if findings.allSatisfy({ $0.message == first }) { return first }
        return findings.first.flatMap { Rule.named($0.rule)?.says } ?? first
    }
}

extension FindingRow {
    fileprivate var isGroup: Bool {
        switch self {
        case .group: true
        case .single: false
        }
    }
}
