import Devices
import Dispatch
import Editing
import Graph
import QAT
import Sessions
import Synchronization
import TestSupport
import TestTraits
import Testing

@testable import Probing

/// The thread that looks at networks. Looks stop at a gate, so that nothing depends on time.
@Suite(.limited)
struct ProbeWorkerTests {
    /// A worker whose looks wait until they are let through, and give up where they are told to.
    private final class Gated: Sendable {
        private let begun = DispatchSemaphore(value: 0)
        private let gate = DispatchSemaphore(value: 0)
        private let answered = DispatchSemaphore(value: 0)
        private let revisions = Mutex<[Int]>([])
        private let begins = Mutex<[Int]>([])

        func worker() -> ProbeWorker {
            ProbeWorker {
                { request, _, isCancelled in
                    self.begins.withLock { $0.append(request.revision) }
                    self.begun.signal()
                    _ = self.gate.waitForSignal()
                    return isCancelled() ? nil : ProbeReport(revision: request.revision)
                }
            } answer: { report in
                self.revisions.withLock { $0.append(report.revision) }
                self.answered.signal()
            }
        }

        func waitForBegin() { #expect(begun.waitForSignal()) }
        func letThrough() { gate.signal() }
        func waitForAnswer() { #expect(answered.waitForSignal()) }
        var answers: [Int] { revisions.withLock { $0 } }
        var looks: [Int] { begins.withLock { $0 } }
    }

    private func request(_ revision: Int) -> ProbeRequest {
        var request = ProbeRequest(Network(), on: .npu)
        request.revision = revision
        return request
    }

    @Test("a newer request replaces the one that waits, and cancels one that is under way")
    func newest() {
        let gated = Gated()
        let worker = gated.worker()
        worker.submit(request(1))
        gated.waitForBegin()
        for revision in 2...4 { worker.submit(request(revision)) }
        gated.letThrough()
        gated.waitForBegin()
        gated.letThrough()
        gated.waitForAnswer()
        worker.close()
        #expect(gated.looks == [1, 4] && gated.answers == [4])
    }

    @Test("two looks in a row are never given up, so that answers come while requests do")
    func progress() {
        let gated = Gated()
        let worker = gated.worker()
        worker.submit(request(1))
        for revision in 2...7 {
            gated.waitForBegin()
            worker.submit(request(revision))
            gated.letThrough()
        }
        gated.waitForBegin()
        gated.letThrough()
        for _ in 0..<4 { gated.waitForAnswer() }
        worker.close()
        #expect(gated.looks == [1, 2, 3, 4, 5, 6, 7] && gated.answers == [2, 4, 6, 7])
    }

    @Test("after its end the worker answers no request")
    func closing() {
        let gated = Gated()
        let worker = gated.worker()
        worker.submit(request(1))
        gated.waitForBegin()
        gated.letThrough()
        gated.waitForAnswer()
        worker.close()
        worker.submit(request(2))
        worker.close()
        #expect(gated.looks == [1] && gated.answers == [1])
    }

    @Test("a worker that is released ends its thread")
    func letGo() {
        let isGone = DispatchSemaphore(value: 0)
        final class Witness: Sendable {
            let isGone: DispatchSemaphore
            init(_ isGone: DispatchSemaphore) { self.isGone = isGone }
            deinit { isGone.signal() }
        }
        func hold() {
            let witness = Witness(isGone)
            _ = ProbeWorker {
                { request, _, _ in ProbeReport(revision: request.revision) }
            } answer: { _ in
                withExtendedLifetime(witness) {}
            }
        }
        hold()
        #expect(isGone.waitForSignal())
    }

    @Test("a look aside at another network leaves what is kept for the one on the screen")
    func aside() throws {
        let reports = Mutex<[ProbeReport]>([])
        let answered = DispatchSemaphore(value: 0)
        let worker = ProbeWorker { report in
            reports.withLock { $0.append(report) }
            answered.signal()
        }
        let network = try SmallNetwork.images()
        func ask(_ revision: Int, _ network: Network, aside: Bool) {
            var request = ProbeRequest(network, on: .npu)
            request.revision = revision
            worker.submit(request, aside: aside)
            #expect(answered.waitForSignal())
        }
        let other = try SmallNetwork.images(bits: 4)
        ask(1, network, aside: false)
        ask(-1, other, aside: true)
        ask(2, network, aside: false)
        worker.close()
        let found = reports.withLock { $0 }
        #expect(found.map(\.revision) == [1, -1, 2])
        #expect(found[0].parts == found[2].parts && found[0].parts != found[1].parts)
    }

    @Test("what stands out follows the answer, for the chip that was given, and not for looks aside")
    func diagnoses() throws {
        let found = Mutex<[(Int, [Diagnosis])]>([])
        let answered = DispatchSemaphore(value: 0)
        let worker = ProbeWorker { _ in
            answered.signal()
        } diagnose: { number, diagnoses in
            found.withLock { $0.append((number, diagnoses)) }
            answered.signal()
        }
        let network = try SmallNetwork.images().applying(
            .set(layer: "conv0", field: "clip", to: .number(0.01)))
        for (revision, device) in [(1, Device.t40), (-1, nil), (2, nil)] {
            var request = ProbeRequest(network, on: .npu)
            request.revision = revision
            worker.submit(request, on: device, aside: revision < 0)
            for _ in 0..<(device == nil ? 1 : 2) {
                #expect(answered.waitForSignal())
            }
        }
        worker.close()
        let all = found.withLock { $0 }
        #expect(all.map(\.0) == [1])
        #expect(all.first?.1.contains { $0.layer == "conv0" && $0.kind == .clipped } == true)
    }

    @Test("a real look answers from the worker's thread")
    func real() throws {
        let reports = Mutex<[ProbeReport]>([])
        let answered = DispatchSemaphore(value: 0)
        let worker = ProbeWorker { report in
            reports.withLock { $0.append(report) }
            answered.signal()
        }
        var request = ProbeRequest(try SmallNetwork.images(), on: .npu)
        request.revision = 5
        worker.submit(request)
        #expect(answered.waitForSignal())
        worker.close()
        let found = reports.withLock { $0 }
        #expect(found.map(\.revision) == [5] && found[0].gaps.isEmpty && !found[0].parts.isEmpty)
    }

    @Test(
        "every sample is seen: only the layers that its chip's rules break are left out",
        arguments: Samples.names)
    func samples(name: String) throws {
        let document = try Samples.document(named: name)
        var request = ProbeRequest(document.network, on: document.device.family)
        (request.batch, request.padsBothSides) = (1, document.device.padsBothSides)
        let report = try #require(Probe().report(request))
        #expect(report.failure == nil && !report.parts.isEmpty && report.samples == 1)
        let analysis = Analysis(document.network, on: document.device.family)
        for gap in report.gaps where !gap.reason.isConsequence {
            #expect(name.hasPrefix("broken"), "\(gap)")
        }
        for index in document.network.nodes.indices where report.gaps.isEmpty {
            #expect(analysis.shapes.output(index) != nil)
        }
    }

    @Test("damaged networks are survived", arguments: 0..<8)
    func damaged(piece: UInt64) {
        let probe = Probe()
        for seed in piece * 50..<(piece + 1) * 50 {
            guard let document = try? Document(bytes: FuzzRun(seed: seed).bytes) else { continue }
            var request = ProbeRequest(document.network, on: document.device.family)
            (request.batch, request.memoryLimit) = (2, 4 << 20)
            request.padsBothSides = document.device.padsBothSides
            let report = probe.report(request)
            #expect(report.map { $0.failure != nil || $0.parts.count + $0.gaps.count > 0 } ?? false)
        }
    }
}
