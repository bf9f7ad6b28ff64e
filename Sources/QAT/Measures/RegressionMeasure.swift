/// How far numbers are from the right ones.
public struct RegressionMeasure: Hashable, Sendable {
    private var absolute: [Double]
    private var squared: [Double]
    /// Samples.
    public private(set) var count = 0

    /// Nothing answered yet, by so many numbers a sample.
    public init(outputs: Int) {
        absolute = Array(repeating: 0, count: outputs)
        squared = absolute
    }

    /// Adds a sample.
    public mutating func add(_ output: UnsafeBufferPointer<Float>, wanted: [Float]) {
        precondition(output.count == absolute.count && wanted.count == absolute.count, "a number is missing")
        for index in absolute.indices {
            let error = Double(output[index]) - Double(wanted[index])
            absolute[index] += abs(error)
            squared[index] += error * error
        }
        count += 1
    }

    /// The mean absolute error of each number; empty without samples.
    public var absoluteErrors: [Double] { count == 0 ? [] : absolute.map { $0 / Double(count) } }

    /// The root of the mean squared error of each number; empty without samples.
    public var squareErrors: [Double] {
        count == 0 ? [] : squared.map { ($0 / Double(count)).squareRoot() }
    }

    /// The mean absolute error of all numbers; nil without samples.
    public var meanAbsoluteError: Double? { absoluteErrors.mean }

    /// The root of the mean squared error of all numbers; nil without samples.
    public var rootMeanSquareError: Double? {
        count == 0 ? nil : squared.map { $0 / Double(count) }.mean?.squareRoot()
    }
}
