import Devices
import Graph

/// Changes what a network file says: most results are well-formed, many are networks, few are good ones.
struct NetworkMutator {
    var random: SeededGenerator

    /// The document with one thing changed.
    mutating func mutate(_ document: inout JSON) {
        switch random.below(20) {
        case 0: anywhere(&document) { $0.replaceValue($1) }
        case 1: anywhere(&document) { $0.changeMembers($1) }
        case 2: set("device", in: &document, to: .string(random.pick(Device.allCases).rawValue))
        case 3:
            set(
                "format", in: &document,
                to: random.once(in: 2) ? 1 : .integer(random.pick(NastyValues.integers)))
        case 4: editList("inputs", of: &document) { $0.changeInput($1) }
        case 5: editList("waivers", of: &document) { $0.changeWaiver($1, names: $2) }
        case 6: shuffle("layers", of: &document)
        case 7: edit("layers", of: &document) { $0.duplicateLayer(&$1) }
        case 8: edit("layers", of: &document) { $0.removeLayer(&$1) }
        case 9, 10: edit("layers", of: &document) { $0.addLayer(&$1, names: $2) }
        case 11, 12, 13: editList("layers", of: &document) { $0.rewire($1, names: $2) }
        case 14: editList("layers", of: &document) { $0.changeOperator($1) }
        default: editList("layers", of: &document) { $0.changeField($1) }
        }
    }

    // One layer, input or waiver.

    private mutating func changeField(_ layer: JSON) -> JSON {
        guard case .string(let type)? = layer["type"], let kind = OperatorKind(rawValue: type),
            !kind.fields.isEmpty
        else {
            return layer
        }
        let field = random.pick(kind.fields)
        return layer.setting(field.name, to: random.once(in: 8) ? nastyValue() : value(of: field.kind))
    }

    private mutating func changeOperator(_ layer: JSON) -> JSON {
        let kind = random.pick(OperatorKind.allCases)
        guard case .object(let members) = layer else { return layer }
        let known = Set(kind.fields.map(\.name) + ["name", "inputs", "note", "imported"])
        let kept: JSON = .object(members.filter { $0.key != "type" && known.contains($0.key) })
        return required(kind, on: kept.setting("type", to: .string(kind.rawValue)))
    }

    private mutating func rewire(_ layer: JSON, names: [String]) -> JSON {
        let count = random.once(in: 5) ? random.below(12) : max(1, layer["inputs"]?.items.count ?? 1)
        return layer.setting("inputs", to: .array((0..<count).map { _ in wire(names) }))
    }

    private mutating func changeInput(_ input: JSON) -> JSON {
        let axes = (0...random.below(random.once(in: 4) ? 5 : 3)).map { _ in JSON.integer(axis()) }
        return input.setting("shape", to: .array(axes))
    }

    private mutating func changeWaiver(_ waiver: JSON, names: [String]) -> JSON {
        let changes: [(String, JSON)] = [
            ("layer", .string(random.pick(names))), ("rule", .string(random.pick(Rule.all).id)),
            ("reason", .string(random.pick(NastyValues.texts))), ("extra", 1),
        ]
        let (key, value) = random.pick(changes)
        return waiver.setting(key, to: value)
    }

    // The list of layers.

    private mutating func duplicateLayer(_ layers: inout [JSON]) {
        guard !layers.isEmpty else { return }
        var copy = random.pick(layers)
        if !random.once(in: 4) { copy = copy.setting("name", to: .string("copy\(random.below(1000))")) }
        layers.insert(copy, at: random.below(layers.count + 1))
    }

    private mutating func removeLayer(_ layers: inout [JSON]) {
        guard !layers.isEmpty else { return }
        let removed = layers.remove(at: random.below(layers.count))
        guard !random.once(in: 4), let name = removed["name"],
            let replacement = removed["inputs"]?.items.first
        else { return }
        layers = layers.map { layer in
            layer.setting(
                "inputs", to: .array((layer["inputs"]?.items ?? []).map { $0 == name ? replacement : $0 }))
        }
    }

    private mutating func addLayer(_ layers: inout [JSON], names: [String]) {
        let kind = random.pick(OperatorKind.allCases)
        let wires =
            random.once(in: 6)
            ? random.below(10) : Int.random(in: kind.inputs.clamped(to: 1...9), using: &random)
        let layer: JSON = [
            "name": .string("new\(random.below(10_000))"), "type": .string(kind.rawValue),
            "inputs": .array((0..<wires).map { _ in wire(names) }),
        ]
        layers.insert(required(kind, on: layer), at: random.below(layers.count + 1))
    }

    /// Gives a layer the fields that it must have, and now and then others.
    private mutating func required(_ kind: OperatorKind, on layer: JSON) -> JSON {
        kind.fields.reduce(layer) { layer, field in
            (field.isRequired && layer[field.name] == nil) || random.once(in: 5)
                ? layer.setting(field.name, to: value(of: field.kind)) : layer
        }
    }

    // Values.

    private mutating func wire(_ names: [String]) -> JSON {
        let name = random.pick(names)
        return .string(random.once(in: 12) ? "\(name)[\(random.below(4))]" : name)
    }

    private mutating func axis() -> Int {
        random.once(in: 3)
            ? random.pick(NastyValues.integers) : random.pick([1, 2, 3, 8, 16, 24, 32, 33, 64, 224])
    }

    /// A value that a field takes, mostly a plain one, now and then from the ends of its range.
    private mutating func value(of kind: FieldKind) -> JSON {
        switch kind {
        case .integer(let range): return .integer(number(in: range))
        case .optionalInteger(let range): return random.once(in: 4) ? .null : .integer(number(in: range))
        case .number(let range):
            return .number(
                random.pick([range.lowerBound, range.upperBound, 1, 2, 4.5, 6].map { held($0, in: range) }))
        case .flag: return .boolean(random.once(in: 2))
        case .choice(let words): return .string(random.pick(words))
        case .bits(let widths): return .integer(random.pick(widths))
        case .optionalBits(let widths): return random.once(in: 3) ? .null : .integer(random.pick(widths))
        case .integers(let count, let each):
            let length =
                random.once(in: 20)
                ? count.upperBound : Int.random(in: count.clamped(to: 1...4), using: &random)
            return .array((0..<length).map { _ in .integer(number(in: each)) })
        }
    }

    private mutating func number(in range: ClosedRange<Int>) -> Int {
        let candidates =
            random.once(in: 5)
            ? [range.lowerBound, range.upperBound] : [1, 2, 3, 4, 8, 16, 32, 33, 64, 128, 512, -1]
        return held(random.pick(candidates), in: range)
    }

    private func held<Number: Comparable>(_ number: Number, in range: ClosedRange<Number>) -> Number {
        min(max(number, range.lowerBound), range.upperBound)
    }

    private mutating func nastyValue() -> JSON {
        let values: [JSON] = [
            .null, true, false, .integer(random.pick(NastyValues.integers)),
            .number(random.pick([0.5, -1e300, 1e-300, 3.0])),
            .string(random.pick(NastyValues.texts)), [], [1, 2, 3], [.null], [:], ["name": "x"], [[["deep"]]],
            .array(Array(repeating: .integer(random.pick(NastyValues.integers)), count: random.below(300))),
        ]
        return random.pick(values)
    }

    // Somewhere in the document.

    private mutating func replaceValue(_ value: JSON) -> JSON { nastyValue() }

    private mutating func changeMembers(_ value: JSON) -> JSON {
        guard case .object(var members) = value, !members.isEmpty else { return nastyValue() }
        let place = random.below(members.count)
        switch random.below(4) {
        case 0: members.remove(at: place)
        case 1: members.append(members[place])
        case 2: members[place] = JSON.Member(random.pick(NastyValues.texts), members[place].value)
        default:
            members.insert(
                JSON.Member(random.pick(["plan", "screen", "note", "x", "format"]), nastyValue()), at: place)
        }
        return .object(members)
    }

    private mutating func anywhere(_ document: inout JSON, _ change: (inout NetworkMutator, JSON) -> JSON) {
        guard !document.items.isEmpty, !random.once(in: 4) else {
            document = change(&self, document)
            return
        }
        let place = random.below(document.items.count)
        var inner = document.items[place]
        anywhere(&inner, change)
        document = document.replacing(place, with: inner)
    }

    private mutating func set(_ key: String, in document: inout JSON, to value: JSON) {
        document = document.setting(key, to: value)
    }

    private mutating func shuffle(_ key: String, of document: inout JSON) {
        guard let items = document[key]?.items else { return }
        document = document.setting(key, to: .array(items.shuffled(using: &random)))
    }

    private mutating func edit(
        _ key: String, of document: inout JSON,
        _ change: (inout NetworkMutator, inout [JSON], [String]) -> Void
    ) {
        var items = document[key]?.items ?? []
        change(&self, &items, document.names)
        document = document.setting(key, to: .array(items))
    }

    private mutating func edit(
        _ key: String, of document: inout JSON, _ change: (inout NetworkMutator, inout [JSON]) -> Void
    ) {
        edit(key, of: &document) { mutator, items, _ in change(&mutator, &items) }
    }

    private mutating func editList(
        _ key: String, of document: inout JSON, _ change: (inout NetworkMutator, JSON, [String]) -> JSON
    ) {
        edit(key, of: &document) { mutator, items, names in
            guard !items.isEmpty else { return }
            let place = mutator.random.below(items.count)
            items[place] = change(&mutator, items[place], names)
        }
    }

    private mutating func editList(
        _ key: String, of document: inout JSON, _ change: (inout NetworkMutator, JSON) -> JSON
    ) {
        editList(key, of: &document) { mutator, item, _ in change(&mutator, item) }
    }
}

extension JSON {
    /// The values inside a list or an object.
    fileprivate var items: [JSON] {
        switch self {
        case .array(let values): values
        case .object(let members): members.map(\.value)
        case .null, .boolean, .integer, .number, .string: []
        }
    }

    /// The names of all inputs and layers of a document, and one of nothing.
    fileprivate var names: [String] {
        let named = (self["inputs"]?.items ?? []) + (self["layers"]?.items ?? [])
        return named.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } } + [
            "nothing"
        ]
    }

    /// An object with a member set, in its place where the key is there already.
    fileprivate func setting(_ key: String, to value: JSON) -> JSON {
        guard case .object(var members) = self else { return self }
        let member = Member(key, value)
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place] = member
        } else {
            members.append(member)
        }
        return .object(members)
    }

    /// A list or object with the value at one position replaced.
    fileprivate func replacing(_ position: Int, with value: JSON) -> JSON {
        switch self {
        case .array(var values):
            values[position] = value
            return .array(values)
        case .object(var members):
            members[position] = Member(members[position].key, value)
            return .object(members)
        case .null, .boolean, .integer, .number, .string: return self
        }
    }
}
