import Graph

extension OpenedDataset {
    /// Opens a set by its name; no index of a file is used before it is checked.
    static func open(_ spec: DataSpec, shape: Shape, seed: UInt64) throws(DatasetError) -> OpenedDataset {
        let path = spec.path ?? ""
        switch spec.name {
        case .glyphs: return try glyphs(spec, shape: shape, seed: seed)
        case .tones: return try tones(spec, shape: shape, seed: seed)
        case .mnist, .idx: return try idx(path, spec.files, spec, shape: shape)
        case .cifar10: return try cifar10(path, spec)
        case .images: return try images(path, spec)
        case .npz: return try npz(path, spec, shape: shape)
        }
    }
}
