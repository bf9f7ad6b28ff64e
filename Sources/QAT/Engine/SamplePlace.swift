import Datasets

/// Which sample an error is about; samples count from 0.
public enum SamplePlace: Hashable, Sendable {
    /// A sample of the batch that is computed.
    case batch(Int)
    /// A sample of a data set, among the training samples as they are stored.
    case train(Int)
    /// A sample of a data set, among the test samples as they are stored.
    case test(Int)
}

extension SamplePlace: CustomStringConvertible {
    /// "sample 17 of the training data, counted from 0".
    public var description: String {
        switch self {
        case .batch(let number): "sample \(number) of the batch, counted from 0,"
        case .train(let number): "sample \(number) of the training data, counted from 0,"
        case .test(let number): "sample \(number) of the test data, counted from 0,"
        }
    }

    init(_ place: (isTest: Bool, number: Int)) {
        self = place.isTest ? .test(place.number) : .train(place.number)
    }
}

extension EngineError {
    /// The same error about a sample of a data set in place of one of the batch.
    func naming(_ name: (Int) -> SamplePlace?) -> EngineError {
        guard case .index(let layer, .batch(let number), let value, let vocabulary) = self,
            let place = name(number)
        else { return self }
        return .index(layer: layer, sample: place, value: value, vocabulary: vocabulary)
    }
}

extension Loader {
    /// Computes what it took last; an error about a sample names it as the data set does.
    func naming(_ compute: () throws(EngineError) -> Void) throws(EngineError) {
        do throws(EngineError) {
            try compute()
        } catch {
            throw error.naming { SamplePlace(place(ofSample: $0)) }
        }
    }
}
