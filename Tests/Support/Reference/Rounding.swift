/// The rounding of the training kit (docs/arithmetic.md, Families and rounding): a half goes to the even neighbour, and so does
/// everything up to 0.501 above the lower neighbour.
///
/// A half that a sum of quotients misses by the noise of floating point is a half: integers have no such noise.
public enum ReferenceRounding {
    /// The whole number that a value becomes.
    public static func r<Value: BinaryFloatingPoint>(_ value: Value) -> Value {
        let steps: Value = 0x1p30
        let value = (value * steps).rounded() / steps
        let lower = value.rounded(.down)
        let distance = value - lower
        if distance < 0.5 { return lower }
        if distance < Value(0.501) && lower.truncatingRemainder(dividingBy: 2) == 0 { return lower }
        return lower + 1
    }

    /// The same on the magnitude, as signed values of the SIMD family are rounded.
    public static func rs<Value: BinaryFloatingPoint>(_ value: Value) -> Value {
        value < 0 ? -r(-value) : r(value)
    }
}
