/// Sizes, places and steps mean nothing beyond 32 bits, and their sums and products are then numbers of 64.
extension ONNXNode {
    /// The attribute of a name, or nil.
    func attribute(_ name: String) -> ONNXAttribute? { attribute.first { $0.name == name } }

    /// A whole number, held to 32 bits.
    func integer(_ name: String, default value: Int) -> Int {
        attribute(name).map { Int(Int32(clamping: $0.i)) } ?? value
    }

    /// Whole numbers, held to 32 bits; nil where there are none.
    func integers(_ name: String) -> [Int]? {
        attribute(name).map { $0.ints.map { Int(Int32(clamping: $0)) } }
    }

    /// A number.
    func number(_ name: String, default value: Float) -> Float { attribute(name).map(\.f) ?? value }

    /// A text.
    func text(_ name: String, default value: String) -> String {
        attribute(name).map { String(decoding: $0.s, as: UTF8.self) } ?? value
    }
}
