import Datasets
import Dispatch
import Graph
import Synchronization
import TestSupport
import TestTraits
import Testing

@testable import Probing

/// The thread that reads pictures. It stops at a gate after each one, so that nothing depends on time.
@Suite("Reading pictures for the screen", .limited)
struct PictureWorkerTests {
    private static let source = PictureSet(
        data: "glyphs,limit=600", shape: .map(channels: 3, height: 16, width: 16), task: .classification,
        seed: 1)

    private func keys(_ indices: some Sequence<Int>) -> [PictureKey] {
        indices.map { PictureKey(split: .train, index: $0, epoch: nil, height: 8, width: 8) }
    }

    /// What a worker told, each held until it is let through.
    private final class Gated: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let told = DispatchSemaphore(value: 0)
        private let found = Mutex<[PictureUpdate]>([])

        func worker() -> PictureWorker {
            PictureWorker { update in
                self.found.withLock { $0.append(update) }
                self.told.signal()
                _ = self.gate.waitForSignal()
            }
        }

        func waitForNews() { #expect(told.waitForSignal()) }
        func letThrough(_ count: Int = 1) { for _ in 0..<count { gate.signal() } }

        var pictures: [Int] {
            found.withLock { found in
                found.compactMap { update -> Int? in
                    guard case .picture(let key, _) = update.content else { return nil }
                    return key.index
                }
            }
        }
    }

    @Test("a newer request takes the place of one that is under way, after its current picture")
    func newest() {
        let gated = Gated()
        let worker = gated.worker()
        worker.show(PictureRequest(Self.source, needsOutline: false, pictures: keys(0..<50)))
        gated.waitForNews()
        for first in [100, 200, 300] {
            worker.show(
                PictureRequest(Self.source, needsOutline: false, pictures: keys(first..<first + 2)))
        }
        gated.letThrough(3)
        gated.waitForNews()
        gated.waitForNews()
        worker.close()
        #expect(gated.pictures == [0, 300, 301])
    }

    @Test("nothing is read any more once nothing is requested")
    func nothing() {
        let gated = Gated()
        let worker = gated.worker()
        worker.show(PictureRequest(Self.source, needsOutline: false, pictures: keys(0..<50)))
        gated.waitForNews()
        worker.show(nil)
        worker.show(PictureRequest(Self.source, needsOutline: false, pictures: keys([7])))
        gated.letThrough(2)
        gated.waitForNews()
        worker.close()
        #expect(gated.pictures == [0, 7])
    }

    @Test("a request is answered in its order: the outline, the pictures in their size, then the classes")
    func order() throws {
        var found: [PictureUpdate] = []
        var reading = PictureReading()
        let request = PictureRequest(
            Self.source, needsOutline: true, pictures: keys([3, 1, 999]), labels: .init(.train, 0))
        reading.run(request, isReplaced: { false }, tell: { found.append($0) })
        #expect(found.count == 6)
        guard case .outline(.success(let outline)) = found[0].content else {
            Issue.record("no outline")
            return
        }
        #expect(
            outline.counts == [.train: 600, .validation: 0, .test: 2000] && outline.classNames.count == 10)
        guard case .picture(let key, .success(let picture)) = found[1].content else {
            Issue.record("no picture")
            return
        }
        #expect(key.index == 3 && picture.answer.label == 3)
        #expect(picture.image.height == 8 && picture.image.width == 8 && picture.height == 16)
        let labels = found.dropFirst(3).flatMap { update -> [[Int32]] in
            guard case .labels(_, let labels) = update.content else { return [] }
            return labels
        }
        #expect(labels == (0..<600).map { [Int32($0 % 10)] })
    }

    @Test("a data set that cannot be opened is answered with the reason")
    func missing() {
        var source = Self.source
        source.data = "mnist:/no/such/folder"
        var found: [PictureUpdate] = []
        var reading = PictureReading()
        reading.run(
            PictureRequest(source, needsOutline: true, pictures: keys([0])), isReplaced: { false },
            tell: { found.append($0) })
        guard case .outline(.failure(let error))? = found.first?.content, found.count == 1 else {
            Issue.record("\(found)")
            return
        }
        #expect("\(error)".contains("/no/such/folder"))
    }
}
