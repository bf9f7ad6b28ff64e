import Foundation
import Synchronization

/// The results for all elements in their order, computed with all cores.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ change: @Sendable (Element) -> Result
) -> [Result] {
    let share = 64
    let parts = (elements.count + share - 1) / share
    let found = Mutex([[Result]](repeating: [], count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        let here = elements[part * share..<min(elements.count, (part + 1) * share)].map(change)
        found.withLock { $0[part] = here }
    }
    return found.withLock { $0.flatMap { $0 } }
}
