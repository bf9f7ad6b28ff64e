import ArgumentParser
import Graph

/// A shape as people write it: "3x32x32", "64x32", "128".
struct ShapeArgument: ExpressibleByArgument {
    let shape: Shape

    init?(argument: String) {
        let axes = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard axes.allSatisfy({ (1...65536).contains($0) }), let shape = Shape(dimensions: axes) else {
            return nil
        }
        self.shape = shape
    }
}
