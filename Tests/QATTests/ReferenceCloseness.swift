import Testing

/// Fails where two lists of numbers differ in length, or anywhere by more than `tolerance` times the largest expected
/// magnitude (at least `floor`); names the worst place.
func expectClose(
    _ found: [Double], _ expected: [Double], within tolerance: Double, floor: Double = 1e-30,
    _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record("\(name): \(found.count) values, not \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    let scale = expected.reduce(floor) { max($0, abs($1)) }
    let errors = zip(found, expected).map { abs($0 - $1) / scale }
    guard let worst = errors.indices.max(by: { errors[$0] < errors[$1] }),
        !errors.allSatisfy({ $0 <= tolerance })
    else { return }
    Issue.record(
        "\(name)[\(worst)] is \(found[worst]), not \(expected[worst]): off by \(errors[worst]) of \(scale)",
        sourceLocation: sourceLocation)
}
