import TestTraits
import Testing

@testable import Datasets

@Suite("Picture cache", .limited)
struct PictureCacheTests {
    private func picture(_ value: UInt8, bytes: Int = 100) -> Sample {
        var sample = Sample()
        sample.prepareBytes(Layout(height: 1, width: bytes, channels: 1))
        sample.bytes = [UInt8](repeating: value, count: bytes)
        return sample
    }

    private func key(_ index: Int) -> PictureCache.Key { PictureCache.Key(split: .train, index: index) }

    @Test("the oldest pictures go first where the memory is full")
    func oldest() {
        let cache = PictureCache(limit: 250)
        for index in 0..<2 { cache.keep(picture(UInt8(index)), for: key(index)) }
        // A key that is there already stays as old as it is.
        cache.keep(picture(0), for: key(0))
        cache.keep(picture(2), for: key(2))
        #expect(cache.find(key(0)) == nil)
        #expect(cache.find(key(1))?.bytes.first == 1)
        #expect(cache.find(key(2))?.bytes.first == 2)
        #expect(cache.bytes == 200)
        cache.keep(picture(3, bytes: 300), for: key(3))
        #expect(cache.find(key(3)) == nil && cache.bytes == 200)
    }

    @Test("memory stays bounded over many pictures")
    func bounded() {
        let cache = PictureCache(limit: 1000)
        for index in 0..<5000 {
            cache.keep(picture(UInt8(index % 256)), for: key(index))
            #expect(cache.bytes <= 1000)
        }
        #expect((4990..<5000).allSatisfy { cache.find(key($0))?.bytes.first == UInt8($0 % 256) })
    }
}
