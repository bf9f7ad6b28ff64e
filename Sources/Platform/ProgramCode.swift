#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The machine code of the program and of its libraries in memory.
package enum ProgramCode {
    /// Gives back the memory of code that only starting needed, two thirds of a program that waits for a key: the system maps
    /// sixteen pages where one is touched. What runs next comes again from the cache of files, without reading a disk.
    package static func giveBack() {
        let maps: [UInt8]
        do {
            maps = try Disk.read("/proc/self/maps", limit: 4 << 20)
        } catch {
            // The system says nothing of its maps: all stays in memory.
            return
        }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            if let place = codePlace(line) {
                // An error leaves the pages where they are.
                unsafe madvise(
                    UnsafeMutableRawPointer(bitPattern: place.lowerBound), place.count, Int32(MADV_DONTNEED))
            }
        }
    }

    /// The addresses of a line of the maps, "7f00-7f80 r-xp 00000000 fe:00 42 /usr/lib/libc.so.6", where it is code of a file: it
    /// is never written, so what is in memory is what is in the file. Nil for all others.
    static func codePlace(_ line: some Collection<UInt8>) -> Range<UInt>? {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 5)
        guard words.count == 6, words[1] == "r-xp", words[5].drop(while: { $0 == " " }).hasPrefix("/") else {
            return nil
        }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }
}
