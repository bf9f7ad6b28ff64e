import Datasets
import TestTraits
import Testing

@Suite("DataSpec", .limited)
struct DataSpecTests {
    @Test(
        "a text that is a specification is given back",
        arguments: [
            "glyphs", "glyphs,size=64x48,channels=1,limit=50000", "tones,validation=0.1", "mnist:data/mnist",
            "cifar10:/data/cifar10,augment=flip+crop,validation=0.1", "npz:C:/odd/name.npz",
            "images:pets,augment=none",
            "idx:speech,train-images=a.gz,train-labels=b.gz,test-images=c.gz,test-labels=d.gz",
        ])
    func roundTrip(text: String) throws {
        let spec = try DataSpec(text)
        #expect("\(spec)" == text)
        #expect(try DataSpec("\(spec)") == spec)
    }

    @Test("options are read")
    func options() throws {
        let spec = try DataSpec("cifar10:a:b,limit=500,size=32x24,channels=3,augment=crop,validation=0.25")
        #expect(spec.name == .cifar10)
        #expect(spec.path == "a:b")
        #expect(spec.limit == 500)
        #expect(spec.size.map { [$0.height, $0.width] } == [32, 24])
        #expect(spec.channels == 3)
        #expect(spec.augmentation == .crop)
        #expect(spec.validation == 0.25)
    }

    @Test(
        "a wrong text names what is wrong and what would be right",
        arguments: [
            ("glyph", "did you mean 'glyphs'"), ("", "there are glyphs, tones"), ("mnist", "mnist:DIR"),
            ("cifar10:", "cifar10:DIR"), ("glyphs:here", "reads no file"),
            ("glyphs,limt=3", "did you mean 'limit'"),
            ("glyphs,limit", "not OPTION=VALUE"), ("glyphs,", "not OPTION=VALUE"),
            ("glyphs,limit=0", "1 to 10000000"),
            ("glyphs,limit=99999999999999999999", "1 to 10000000"), ("glyphs,size=32", "HEIGHTxWIDTH"),
            ("glyphs,size=0x5", "HEIGHTxWIDTH"), ("glyphs,size=3x4x5", "HEIGHTxWIDTH"),
            ("glyphs,limit=1,limit=2", "twice"),
            ("glyphs,augment=flop", "did you mean 'flip'"), ("glyphs,validation=1", "a share"),
            ("glyphs,validation=nan", "a share"), ("glyphs,train-images=x", "has no option"),
            ("idx:d,train-images=", "name of a file"), ("glyphs,\u{1B}[31m=1", "\\u{1b}"),
        ])
    func wrong(text: String, part: String) {
        let found = message { _ = try DataSpec(text) } ?? "nothing"
        #expect(found.contains(part), "\(found)")
        #expect(!found.contains("\n"))
    }
}
