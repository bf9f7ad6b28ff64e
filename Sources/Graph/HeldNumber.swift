extension FixedWidthInteger {
    /// The whole number that a number holds, without its fraction, held to the range of the type; 0 where it is none.
    ///
    /// The way in for whatever a file, a store or an option says: Swift's own conversion ends the program beyond the range.
    @inlinable
    public init<Number: BinaryFloatingPoint>(held number: Number) {
        guard !number.isNaN else {
            self = 0
            return
        }
        if let exact = Self(exactly: number.rounded(.towardZero)) {
            self = exact
        } else {
            self = number < 0 ? .min : .max
        }
    }
}
