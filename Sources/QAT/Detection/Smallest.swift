/// The smallest of many values with their places, in order; of equal ones the first.
struct Smallest {
    private(set) var members: [(value: Float, place: Int)] = []
    private let count: Int

    /// At most so many are kept.
    init(_ count: Int) {
        self.count = count
        members.reserveCapacity(count + 1)
    }

    mutating func insert(_ value: Float, _ place: Int) {
        if members.count == count {
            guard let last = members.last, value < last.value else { return }
        }
        var position = members.count
        while position > 0, value < members[position - 1].value { position -= 1 }
        members.insert((value, place), at: position)
        if members.count > count { members.removeLast() }
    }
}
