extension ONNXImport {
    /// What a person decides of an import.
    public struct Options: Hashable, Sendable {
        /// Whether operators that no chip has may become ones that come near to them: SiLU as Hswish, for one. Each is named.
        public var approximates = false
        /// Sizes of inputs by their name, axes as the file has them behind the batch; under "" that of the only input.
        public var sizes: [String: [Int]] = [:]
        /// The results at which the chip's part ends, by the file's names; empty where the import finds them.
        public var outputs: [String] = []
        /// Whether the chip that the network is for has Pixel_Shuffle. Without it a transposed convolution of step 2 puts zeros
        /// between the places and convolves, which every chip does, with four times the products.
        public var hasPixelShuffle = true
        /// Whether the network gets the task of a detector whose heads it has.
        public var recognizesHeads = true

        /// Exact rewrites alone, sizes of the file, and the end that the import finds.
        public init() {}
    }
}
