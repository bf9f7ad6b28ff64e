public import Devices
public import Graph

/// Something that can be added to a network: an operator, or a block of several.
public struct AddEntry: Hashable, Sendable {
    /// What is added.
    public enum Item: Hashable, Sendable {
        /// A layer of a kind.
        case layer(OperatorKind)
        /// Several layers.
        case block(Block)
    }

    /// What is added.
    public let item: Item
    /// What it is grouped with; nil for a block.
    public let family: OperatorFamily?
    /// The title of its group: "Convolution".
    public var group: String { family?.rawValue ?? "Blocks" }
    /// Its name in a list.
    public let title: String
    /// What it is, in one line.
    public let help: String

    /// Everything that can be added, family by family, then the blocks.
    public static let all: [AddEntry] =
        OperatorFamily.allCases.flatMap { family in
            OperatorKind.allCases.filter { $0.type.family == family }.map { AddEntry($0) }
        } + Block.allCases.map { AddEntry($0) }

    private init(_ kind: OperatorKind) {
        item = .layer(kind)
        family = kind.type.family
        title = kind.rawValue
        help = kind.summary
    }

    private init(_ block: Block) {
        item = .block(block)
        family = nil
        title = block.title
        help = block.help
    }

    /// Whether it is a layer that reads two others at least.
    public var needsSeveralInputs: Bool {
        switch item {
        case .layer(let kind): kind.type.inputs.lowerBound > 1
        case .block: false
        }
    }

    /// Whether a chip has what is added.
    public struct Availability: Hashable, Sendable {
        /// How bad it is to use it all the same; nil where the chip has it.
        public let severity: Severity?
        /// Who says so, in a sentence; nil where the chip has it.
        public let reason: String?
    }

    /// Whether a chip has the operator, or all operators of the block.
    public func availability(on device: Device) -> Availability {
        let kinds: [OperatorKind]
        switch item {
        case .layer(let kind): kinds = [kind]
        case .block(let block): kinds = block.kinds
        }
        let rows = kinds.flatMap { SupportRow.rows(for: $0.defaultLayer) }
        let worst = rows.filter { $0[device].severity != nil }.max {
            ($0[device].severity ?? .advice) < ($1[device].severity ?? .advice)
        }
        return Availability(
            severity: worst?[device].severity, reason: worst?.sentence(for: device))
    }
}

extension EditBuilder {
    /// Adds what an entry stands for beside a selected layer or input.
    public func insertion(
        of entry: AddEntry, _ place: InsertionPlace, _ selected: String?
    ) throws(EditingError) -> Edit {
        switch entry.item {
        case .layer(let kind): try insertion(of: kind, place, selected)
        case .block(let block): try insertion(of: block, place, selected)
        }
    }
}
