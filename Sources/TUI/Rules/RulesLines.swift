import Devices
import Editing
import Graph
import QAT
import Terminal

// View 2 in lines.
extension ScreenState {
    /// The verdict, the findings by rule, and the chips; in the fixes what can be done about the selected finding.
    var rulesLines: [String] {
        if pane.scope == .fixes { return whyLines + rules.remedies.indices.map(remedyLine) }
        let findings = shownFindings
        let report = shownReport
        let waived = report.findings.count { $0.waived != nil }
        var verdict = "\(report.device): \(report.count(.error)) must fix, \(report.warnings) to consider"
        if waived > 0 { verdict += ", \(waived) accepted" }
        let rows = findingRows(of: findings)
        let passing = passingRules(of: nil).count
        return [verdict] + rows.indices.map { findingLine(rows[$0], number: $0 + 1, of: findings) }
            + (rows.isEmpty ? ["\(shownDevice) takes this network as it is"] : [])
            + ["\(counted(passing, "rule")) kept; \(key("passing")) says which"] + chipLines
    }

    /// The selected finding, why it is one and what can be done; in the fixes the selected one and what it changes.
    var selectedFindingLines: [String] {
        let findings = selectedFindings
        guard !findings.isEmpty else { return ["every rule of \(shownDevice) that applies is kept"] }
        if pane.scope == .fixes, rules.remedies.indices.contains(rules.remedy) {
            let lines = previewLines(width: 400).map(\.text).filter { !$0.isEmpty }
            return ["selected: \(remedyLine(rules.remedy))"] + lines
        }
        let rows = findingRows(of: shownFindings)
        let line = findingLine(rows[rules.row], number: rules.row + 1, of: shownFindings)
        return ["selected: \(line)"] + whyLines + rules.remedies.indices.map(remedyLine)
    }

    private var whyLines: [String] { whyWords(selectedFindings, width: 400) }

    /// "2 error t02-route-fan-in, 3 layers, joins 9".
    private func findingLine(_ row: FindingRow, number: Int, of findings: [Finding]) -> String {
        let found = row.positions.map { findings[$0] }
        guard let first = found.first else { return "" }
        var words = [
            "\(number) \(first.severity.rawValue) \(first.rule)", subject(of: found), self.words(for: found),
        ]
        if case .single(_, .some) = row { words[0] = "\(number) one of them" }
        if first.waived != nil { words.append("accepted") }
        return words.joined(separator: ", ")
    }

    /// "fix 1: stride 1, weights +0, MAC -12k, SQNR +0.1 dB".
    private func remedyLine(_ index: Int) -> String {
        let remedy = rules.remedies[index]
        var words = ["fix \(index + 1): \(remedy.title)"]
        if let price = remedy.price {
            words.append("weights \(Figures.signed(price.parameters))")
            words.append("MAC \(Figures.signed(price.multiplyAccumulates))")
            if let gain = rules.gains[index] {
                words.append(gain == nil ? "no SQNR to compare" : "SQNR \(gainWords(index).text) dB")
            }
        } else if !remedy.remark.isEmpty {
            words.append(remedy.remark)
        }
        return words.joined(separator: ", ")
    }
}
