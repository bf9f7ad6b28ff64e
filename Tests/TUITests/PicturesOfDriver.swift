@testable import Probing
@testable import TUI

extension Driver {
    /// Reads the pictures that were asked for last, as the worker would, until nothing more is asked for.
    mutating func readPictures() throws {
        var reading = PictureReading()
        while case .showPictures(let request?)? = effects.last(where: \.isOfPictures) {
            effects.removeAll(where: \.isOfPictures)
            reading.run(request, isReplaced: { false }, tell: { state.take($0) })
            effects += state.takeEffects()
        }
    }
}

extension Effect {
    fileprivate var isOfPictures: Bool {
        guard case .showPictures = self else { return false }
        return true
    }
}
