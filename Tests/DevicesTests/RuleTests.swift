import Devices
import Graph
import TestTraits
import Testing

/// Every rule against its cases (`RuleCases*.swift`).
@Suite("Rules", .limited)
struct RuleTests {
    @Test("a broken network becomes its kept twin by one decision", arguments: RuleCase.all)
    func oneDecision(_ example: RuleCase) throws {
        let (broken, kept) = (try example.network(.broken), try example.network(.kept))
        #expect(kept.decisions(apartFrom: broken) == 1)
    }

    @Test("a broken network breaks its rule, and nothing else that its twin keeps", arguments: RuleCase.all)
    func breaks(_ example: RuleCase) throws {
        let (broken, kept) = (try example.network(.broken), try example.network(.kept))
        for device in example.devices {
            let breaks = Checker.broken(broken, on: device)
            let keeps = Checker.broken(kept, on: device)
            let expected = example.also.filter { Rule.named($0)?.devices.contains(device) ?? false }
                .union([example.rule])
            #expect(Set(breaks.subtracting(keeps).map(\.rule)) == expected, "on \(device)")
            #expect(keeps.subtracting(breaks).isEmpty, "on \(device)")
        }
    }

    @Test("a kept network still has an operator that the rule asks about", arguments: RuleCase.all)
    func asks(_ example: RuleCase) throws {
        let rule = try #require(Rule.named(example.rule))
        let (broken, kept) = (try example.network(.broken), try example.network(.kept))
        for device in example.devices {
            for layer in Checker.broken(broken, on: device).filter({ $0.rule == rule.id }).compactMap(\.layer)
            {
                let kinds = kept[layer].map { [$0.kind] } ?? kept.nodes.map(\.kind)
                #expect(kinds.contains { rule.operators?.contains($0) ?? true }, "on \(device)")
            }
        }
    }

    @Test("a case says which rule it breaks along, only where it does", arguments: RuleCase.all)
    func companions(_ example: RuleCase) throws {
        let network = try example.network(.broken)
        let broken = Set(example.devices.flatMap { Checker.broken(network, on: $0) }.map(\.rule))
        #expect(example.also.isSubset(of: broken))
    }

    @Test("every rule has a case and every case has a rule")
    func complete() {
        #expect(Set(RuleCase.all.map(\.rule)) == Set(Rule.all.map(\.id)))
    }

    @Test("every rule is broken on every chip that asks, but for the operators that T40 and T41 have")
    func everyChip() {
        for rule in Rule.all {
            let broken = Set(RuleCase.all.filter { $0.rule == rule.id }.flatMap(\.devices))
            // No operator is missing there: the table of chips has neither X nor n in these columns.
            let allHave: Set<Device> = rule.id == "operator-unsupported" ? [.t40, .t41] : []
            #expect(broken == Set(rule.devices).subtracting(allHave), "\(rule.id)")
        }
    }

    @Test("a finding repeats its rule's severity, and says what, where and by whom", arguments: RuleCase.all)
    func words(_ example: RuleCase) throws {
        let network = try example.network(.broken)
        for device in example.devices {
            for finding in Checker.report(network, on: device).findings {
                #expect(finding.device == device)
                #expect(finding.severity == Rule.named(finding.rule)?.severity)
                #expect(finding.message.hasSuffix(".") || finding.message.hasSuffix(".)"))
                #expect(!finding.actual.isEmpty && !finding.actual.hasSuffix("."))
                #expect(!finding.citation.isEmpty && !finding.sources.isEmpty)
                #expect(finding.proposal?.title.isEmpty != true)
            }
        }
    }
}

/// What rules are called, say and cite.
@Suite("The words of rules", .limited)
struct RuleWords {
    @Test("ids are unique, lower case, with dashes")
    func ids() {
        #expect(Set(Rule.all.map(\.id)).count == Rule.all.count)
        for rule in Rule.all {
            let words = rule.id.split(separator: "-", omittingEmptySubsequences: false)
            let areWords = words.allSatisfy { word in
                !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
            }
            #expect(areWords, "\(rule.id)")
            #expect(Rule.named(rule.id)?.says == rule.says)
        }
        #expect(Rule.named("no-such-rule") == nil)
    }

    @Test("a rule says a sentence and has chips and sources")
    func sentences() {
        for rule in Rule.all {
            #expect(rule.says.hasSuffix(".") || rule.says.hasSuffix(".)"), "\(rule.id)")
            #expect(!rule.devices.isEmpty && Set(rule.devices).count == rule.devices.count, "\(rule.id)")
            #expect(!rule.source.sources.isEmpty, "\(rule.id)")
        }
    }
}
