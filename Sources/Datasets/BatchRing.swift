import Foundation
import Graph
import Platform

/// A few batches that threads prepare ahead of the one who takes them; where the system gives no thread, that one prepares them.
///
/// Batches are numbered; number n lies in slot n modulo the slots. A thread claims the next number once its slot is
/// free and fills the slot without holding the lock: a slot has one owner at any time, which is why the class may
/// cross threads although the compiler cannot see it.
final class BatchRing: @unchecked Sendable {
    private let transform: Transform
    private let plan: BatchPlan
    private let threads: Int
    private let lock = NSCondition()
    private let slots: [Slot]

    // Guarded by the lock.
    private var claimed = 0
    private var taken = 0
    private var next: LoaderPosition
    private var order: (epoch: Int, samples: [Int32])?
    private var running = 0
    private var isStarted = false
    /// What the taker prepares with where there are no threads; it alone uses it.
    private var own: Preparer?
    private var isStopping = false

    init(_ transform: Transform, _ plan: BatchPlan, from position: LoaderPosition, threads: Int) {
        self.transform = transform
        self.plan = plan
        self.threads = threads
        next = position
        let values = plan.batch * transform.dataset.shape.elements
        // Large batches are not prepared further ahead than the threads need.
        let ahead = values > 16 << 20 ? 1 : 2
        slots = (0..<threads + ahead).map { _ in Slot(values: values, labels: plan.batch) }
    }

    /// Waits for the next batch, copies it out and returns what is right about its samples. An error stays: asking again throws
    /// it again.
    func take(
        into values: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>, count: Int
    ) throws(DatasetError) -> [SampleAnswer] {
        lock.lock()
        start()
        let slot = slots[taken % slots.count]
        while slot.number != taken {
            guard running == 0 else {
                lock.wait()
                continue
            }
            lock.unlock()
            prepareOne(&own)
            lock.lock()
        }
        lock.unlock()
        if let error = slot.error { throw error }
        slot.copy(into: values, labels: labels, count: count)
        let answers = Array(slot.answers[..<count])
        lock.lock()
        taken += 1
        lock.broadcast()
        lock.unlock()
        return answers
    }

    /// Ends the threads and waits until they are gone.
    func stop() {
        lock.lock()
        isStopping = true
        lock.broadcast()
        while running > 0 { lock.wait() }
        lock.unlock()
    }

    /// Starts the threads with the first batch that is requested; the lock is held.
    private func start() {
        guard !isStarted else { return }
        isStarted = true
        // What is prepared does not depend on who does it: fewer threads give the same batches.
        for _ in 0..<threads where Worker.start("loader", { self.work() }) { running += 1 }
    }

    private func work() {
        var preparer: Preparer? = Preparer(transform)
        while prepareOne(&preparer) {}
        lock.lock()
        running -= 1
        lock.broadcast()
        lock.unlock()
    }

    /// Prepares the next batch in its slot; false where the ring stops.
    @discardableResult
    private func prepareOne(_ preparer: inout Preparer?) -> Bool {
        guard let (slot, job) = claim() else { return false }
        var own = preparer ?? Preparer(transform)
        defer { preparer = own }
        var failure: DatasetError?
        do throws(DatasetError) {
            for (place, index) in job.samples.enumerated() {
                if isStopped { break }
                try own.prepare(Int(index), epoch: job.epoch, into: slot, at: place)
            }
        } catch {
            failure = error
        }
        lock.lock()
        slot.error = failure
        slot.number = job.number
        lock.broadcast()
        lock.unlock()
        return true
    }

    private var isStopped: Bool {
        lock.lock()
        defer { lock.unlock() }
        return isStopping
    }

    /// The next batch to prepare, once there is a free slot for it; nil when the ring stops.
    private func claim() -> (Slot, Job)? {
        lock.lock()
        defer { lock.unlock() }
        while !isStopping, claimed - taken >= slots.count || plan.samplesPerEpoch == 0 { lock.wait() }
        guard !isStopping else { return nil }
        if plan.count(at: next) == 0 { next = LoaderPosition(epoch: next.epoch + 1) }
        if order?.epoch != next.epoch { order = (next.epoch, plan.order(of: next.epoch)) }
        let count = plan.count(at: next)
        let samples = order?.samples[next.sample..<next.sample + count] ?? []
        let job = Job(number: claimed, epoch: next.epoch, samples: samples)
        claimed += 1
        next.sample += count
        return (slots[job.number % slots.count], job)
    }
}

/// A batch to prepare.
private struct Job {
    let number: Int
    let epoch: Int
    let samples: ArraySlice<Int32>
}

/// The room for one prepared batch.
final class Slot {
    /// Channels last, sample after sample.
    let values: UnsafeMutableBufferPointer<Float>
    let labels: UnsafeMutableBufferPointer<Int32>
    /// What is right about each sample.
    var answers: [SampleAnswer]
    /// The number of the batch that lies here complete.
    var number = -1
    /// Why it could not be prepared.
    var error: DatasetError?

    init(values: Int, labels: Int) {
        self.values = .allocate(capacity: values)
        self.labels = .allocate(capacity: labels)
        answers = [SampleAnswer](repeating: SampleAnswer(), count: labels)
        self.values.initialize(repeating: 0)
        self.labels.initialize(repeating: 0)
    }

    deinit {
        values.deallocate()
        labels.deallocate()
    }

    /// Copies the first samples of the batch.
    func copy(
        into values: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>, count: Int
    ) {
        let elements = count * (self.values.count / self.labels.count)
        _ = values.update(fromContentsOf: self.values[..<elements])
        _ = labels.update(fromContentsOf: self.labels[..<count])
    }
}
