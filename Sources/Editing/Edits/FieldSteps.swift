import Devices
public import Graph

/// Stepping through the values of a field, as arrow keys do.
extension EditBuilder {
    /// Steps a field up or down: the first layer's value, which all others then get.
    public func stepping(_ field: String, isUp: Bool, on layers: [String]) throws(EditingError) -> Edit {
        for name in layers {
            let index = try index(of: name)
            let node = network.nodes[index]
            guard let own = node.kind.fields.first(where: { $0.name == field }) else { continue }
            let value = try stepped(own, of: index, isUp: isUp)
            return try setting(field, to: value, on: layers)
        }
        throw layers.isEmpty ? .nothingSelected : .noneHas(field)
    }

    /// The next value of a layer's field in one direction; throws at the end of what it takes.
    func stepped(_ field: LayerField, of index: Int, isUp: Bool) throws(EditingError) -> FieldValue {
        let node = network.nodes[index]
        let value = node.layer.value(of: field)
        let next: FieldValue
        switch (field.kind, value) {
        case (.flag, .flag(let isOn)): return .flag(!isOn)
        case (.choice(let words), .choice(let word)):
            let place = (words.firstIndex(of: word) ?? 0) + (isUp ? 1 : -1)
            next = words.indices.contains(place) ? .choice(words[place]) : value
        case (.bits, _), (.optionalBits, _): next = steppedBits(field, of: index, from: value, isUp: isUp)
        case (.integer(let range), .integer(let number)):
            let moved = steppedNumber(number, of: field.name, index: index, isUp: isUp)
            next = .integer(min(max(moved, range.lowerBound), range.upperBound))
        case (.optionalInteger(let range), .integer(let number)):
            next =
                !isUp && number == range.lowerBound
                ? .unset : .integer(min(max(number + (isUp ? 1 : -1), range.lowerBound), range.upperBound))
        case (.optionalInteger(let range), .unset): next = isUp ? .integer(range.lowerBound) : .unset
        case (.number(let range), .number(let number)):
            next = .number(
                min(
                    max(EditBuilder.stepped(number, of: field.name, isUp: isUp), range.lowerBound),
                    range.upperBound))
        case (.integers, _): throw .onlyTyped(field.name)
        case (.flag, _), (.choice, _), (.integer, _), (.optionalInteger, _), (.number, _):
            preconditionFailure("the value of \(field.name) is of the field's kind")
        }
        guard next != value else { throw .atEnd(field.name, value) }
        return next
    }

    /// The next width that the chip has. Float is one of them in a last layer, and where it is there already.
    private func steppedBits(
        _ field: LayerField, of index: Int, from value: FieldValue, isUp: Bool
    ) -> FieldValue {
        let node = network.nodes[index]
        let isOptional: Bool
        if case .optionalBits = field.kind { isOptional = true } else { isOptional = false }
        var widths =
            field.name == "weightBits" ? device.profile.weightBits : device.profile.featureBits(of: node.kind)
        let isFloat = value == .integer(Quantization.float)
        if isFloat || !isOptional && analysis.facts.nodes[index].isLast { widths.append(Quantization.float) }
        guard case .integer(let bits) = value else {
            return isUp ? widths.first.map(FieldValue.integer) ?? value : value
        }
        let next = isUp ? widths.first { $0 > bits } : widths.last { $0 < bits }
        return next.map(FieldValue.integer) ?? (isOptional && !isUp ? .unset : value)
    }

    /// Channels step by the chip's blocks, kernels from odd to odd, groups and sizes of tables by doubling.
    private func steppedNumber(_ number: Int, of field: String, index: Int, isUp: Bool) -> Int {
        let node = network.nodes[index]
        switch field {
        case "outChannels" where analysis.facts.nodes[index].isLast: return number + (isUp ? 1 : -1)
        case "outChannels", "hiddenSize", "embeddingSize":
            if isUp { return number < block ? min(2 * number, block) : (number / block + 1) * block }
            return number <= block ? max(1, number / 2) : (number - 1) / block * block
        case "kernelHeight", "kernelWidth":
            let isOdd = !number.isMultiple(of: 2) && [.conv2D, .depthwiseConv2D].contains(node.kind)
            return number + (isUp ? 1 : -1) * (isOdd ? 2 : 1)
        case "groups", "rate", "vocabularySize": return isUp ? 2 * number : number / 2
        // Everything else is counted.
        default: return number + (isUp ? 1 : -1)
        }
    }

    /// Quarters for clips and factors, whole numbers for what the loader does.
    private static func stepped(_ number: Double, of field: String, isUp: Bool) -> Double {
        let step = ["mean", "variance"].contains(field) ? 1.0 : 0.25
        // The nearest step in that direction, so that 4.1 becomes 4.25 and then 4.5.
        let steps = number / step
        let next = isUp ? (steps + 1e-9).rounded(.down) + 1 : (steps - 1e-9).rounded(.up) - 1
        let moved = next * step
        return step == 0.25 && moved <= 0 ? number / 2 : moved
    }
}
