extension Dataset {
    /// Whether samples have masks.
    public var holdsMasks: Bool { false }
    /// How many numbers each sample asks for.
    public var numbers: Int { 0 }
}
