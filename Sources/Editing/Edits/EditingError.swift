public import Graph

/// Why a network cannot be changed as a person asks.
public enum EditingError: Error, Hashable, Sendable {
    /// No layer has that name.
    case noSuchLayer(String)
    /// It was asked of no layer at all.
    case nothingSelected
    /// It was asked of a network input, which only layers can do.
    case input(String)
    /// A block or layer reads another kind of shape than the one that is there.
    case needs(String, of: String, found: Shape?)
    /// None of the layers has the field.
    case noneHas(String)
    /// A field cannot be stepped through, only typed.
    case onlyTyped(String)
    /// A field is at its end.
    case atEnd(String, FieldValue)
    /// The layer is the first or the last one in the list.
    case atEdge(String, isUp: Bool)
    /// Two layers cannot change places in the flow of data.
    case inseparable(String, reads: String, SwapObstacle)
    /// A layer has no such wire.
    case noSuchWire(Int, of: String)
    /// The wire would make a layer read its own result.
    case cycle(String, Source)
    /// Something typed cannot be stored.
    case place(PlaceError)
    /// The network refuses the change.
    case edit(EditError)
}

/// Why two layers, of which one reads the other, cannot change places.
public enum SwapObstacle: Hashable, Sendable {
    /// The reader reads others, too.
    case readsOthers
    /// Others read the first one, too.
    case isReadByOthers(String)
    /// The first one reads several, or nothing.
    case readsSeveral(Int)
    /// One of them has several outputs.
    case hasOutputs(String)
}

extension EditingError: CustomStringConvertible {
    /// What is in the way, and what would be right.
    public var description: String {
        switch self {
        case .noSuchLayer(let name): "no layer is named '\(name.oneLine(upTo: 64))'"
        case .nothingSelected: "no layer is selected"
        case .input(let name): "'\(name)' is an input of the network, not a layer"
        case .needs(let what, let source, let shape):
            "\(what); '\(source)' gives \(shape.map { "\($0)" } ?? "no shape yet")"
        case .noneHas(let field): "none of the layers has a field '\(field.oneLine(upTo: 64))'"
        case .onlyTyped(let field): "\(field) cannot be stepped; Enter types it"
        case .atEnd(let field, let value): "\(field) goes no further than \(value) here"
        case .atEdge(let name, let isUp): "\(name) is the \(isUp ? "first" : "last") layer"
        case .inseparable(let reader, let producer, let obstacle):
            "\(reader) reads \(producer), and \(obstacle.words(reader, producer)); rewire them instead"
        case .noSuchWire(let position, let layer): "\(layer) has no wire \(position + 1)"
        case .cycle(let layer, let source): "\(source) needs the result of \(layer) itself"
        case .place(let error): "\(error)"
        case .edit(let error): "\(error)"
        }
    }
}

extension SwapObstacle {
    fileprivate func words(_ reader: String, _ producer: String) -> String {
        switch self {
        case .readsOthers: "\(reader) reads others too"
        case .isReadByOthers(let other): "\(other) reads \(producer) too"
        case .readsSeveral(let count):
            count == 0 ? "\(producer) reads nothing" : "\(producer) reads \(counted(count, "wire"))"
        case .hasOutputs(let layer): "\(layer) has several outputs"
        }
    }
}
