extension Array where Element: Comparable {
    /// The middle one, of two the upper; nil of none.
    public var median: Element? { isEmpty ? nil : sorted()[count / 2] }
}
