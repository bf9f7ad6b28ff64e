import Foundation

/// Damaged files of other programs' formats, each made from a seed, and what became of it when it was read.
package struct FileFuzz: Sendable {
    /// What is read.
    package enum Format: String, CaseIterable, Sendable {
        /// Models.
        case onnx
        /// Weights, by `Safetensors`.
        case safetensors
        /// Weights and data sets, by `NPZArrays` and `Dataset`.
        case npz
        /// The folder of a dump beside another one.
        case dump
        /// What the stub of the vendor's kit wrote down.
        case recording
        /// Boxes in text files.
        case yolo
        /// Boxes in XML files.
        case voc
        /// Boxes in a JSON file.
        case coco
        /// Run stores, by `RunStore`, and everything that is shown and exported of their runs.
        case store
    }

    /// What became of a file.
    package enum Outcome: Sendable, Equatable {
        /// It was read, and what came of it fits together.
        case accepted
        /// It was refused in one line; nothing of it was taken.
        case refused(String)
        /// It broke a promise.
        case failed(String)
    }

    /// The format.
    package let format: Format
    /// The number that the file is made from.
    package let seed: UInt64
    /// The valid file that it was.
    package let origin: String
    /// The files, of which the first is what is read.
    package let files: [(name: String, bytes: [UInt8])]

    /// The processor's time that one file may take, in seconds; most need a thousandth of one.
    package static let timeLimit = 2.0
    /// The memory that reading may take above what the process had before, for files of a few KiB.
    package static let memoryLimit = 512 << 20

    /// Makes a file from a valid one by one to four changes.
    package init(_ format: Format, seed: UInt64) {
        self.format = format
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        let origin = random.pick(FileSeeds.seeds(of: format))
        self.origin = origin.name
        files = FileFuzz.damaged(origin.files, of: format, &random)
    }

    /// The valid files of a format, unchanged.
    package static func sound(_ format: Format) -> [FileFuzz] {
        FileSeeds.seeds(of: format).map { FileFuzz(format, $0) }
    }

    private init(_ format: Format, _ sound: FileSeeds.Seed) {
        self.format = format
        seed = 0
        origin = sound.name
        files = sound.files
    }

    /// Reads the files in a folder that is there for this.
    package func outcome(in folder: String) -> Outcome {
        let start = FileFuzz.processorTime()
        let outcome = FilePromises(self, folder: folder).outcome()
        let seconds = FileFuzz.processorTime() - start
        if seconds > FileFuzz.timeLimit { return .failed("it took \(seconds) seconds") }
        return outcome
    }

    /// The time that this thread has had of the processor.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

// How each format is damaged.
extension FileFuzz {
    private typealias File = (name: String, bytes: [UInt8])

    private static func damaged(
        _ sound: [(name: String, bytes: [UInt8])], of format: Format, _ random: inout SeededGenerator
    ) -> [(name: String, bytes: [UInt8])] {
        var files = sound
        let changes = random.below(4) + 1
        switch format {
        case .onnx:
            var bytes = files[0].bytes
            let style = random.below(4)
            if style != 0, var fields = WireField.decoded(bytes[...]) {
                var mutator = WireMutator(
                    random: SeededGenerator(seed: random.next()), words: modelWords)
                for _ in 0..<changes { mutator.mutate(&fields) }
                bytes = WireField.encoded(fields)
            }
            if style < 2 { change(&bytes, changes, modelTokens, &random) }
            files[0].bytes = bytes
        case .safetensors:
            if random.once(in: 3) {
                change(&files[0].bytes, changes, headerTokens, &random)
            } else {
                files[0].bytes = changedHeader(files[0].bytes, changes, &random)
            }
        case .npz:
            let members = Array(files.dropFirst())
            files = [files[0]]
            if random.once(in: 3) {
                change(&files[0].bytes, changes, archiveTokens, &random)
            } else {
                files[0].bytes = repacked(members, changes, &random)
            }
        case .dump:
            if random.once(in: 4) {
                let place = random.below(files.count)
                change(&files[place].bytes, changes, headerTokens, &random)
            } else {
                changeText(&files[0].bytes, changes, &random)
            }
        case .recording: changeText(&files[0].bytes, changes, &random)
        case .yolo, .voc, .coco:
            // Labels most times, else one of the files beside them.
            let place = random.once(in: 4) ? random.below(files.count) : 0
            if random.once(in: 2) {
                change(&files[place].bytes, changes, LabelSeeds.tokens, &random)
            } else {
                changeText(&files[place].bytes, changes, &random)
            }
        case .store:
            if random.once(in: 4) {
                change(&files[0].bytes, changes, headerTokens, &random)
            } else {
                let statements = (0..<changes).map { _ in StoreFuzz.damage(&random) }
                files[1].bytes = Array(statements.joined(separator: "\n").utf8)
            }
        }
        return files
    }

    private static func change(
        _ bytes: inout [UInt8], _ changes: Int, _ tokens: [[UInt8]], _ random: inout SeededGenerator
    ) {
        var mutator = ByteMutator(random: SeededGenerator(seed: random.next()), tokens: tokens)
        for _ in 0..<changes { mutator.mutate(&bytes) }
    }

    private static func changeText(
        _ bytes: inout [UInt8], _ changes: Int, _ random: inout SeededGenerator
    ) {
        var mutator = TextMutator(random: SeededGenerator(seed: random.next()))
        for _ in 0..<changes { mutator.mutate(&bytes) }
    }

    /// A file whose header is changed, with the right length most times.
    private static func changedHeader(
        _ bytes: [UInt8], _ changes: Int, _ random: inout SeededGenerator
    ) -> [UInt8] {
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = Array(bytes[8..<8 + length])
        changeText(&header, changes, &random)
        let said = random.once(in: 8) ? random.pick(NastyValues.integers) : header.count
        return littleEndian([Int64(said)]) + header + bytes[(8 + length)...]
    }

    /// An archive of arrays that are changed, with the right sums.
    private static func repacked(
        _ members: [(name: String, bytes: [UInt8])], _ changes: Int, _ random: inout SeededGenerator
    ) -> [UInt8] {
        var members = members
        for _ in 0..<changes where !members.isEmpty {
            let place = random.below(members.count)
            switch random.below(8) {
            case 0: members.remove(at: place)
            case 1: members.append(members[place])
            case 2: members[place].name = random.pick(NastyValues.texts.filter { $0.utf8.count < 1000 })
            // A header alone says how large the array is.
            case 3, 4:
                var head = Array(members[place].bytes.prefix(128))
                changeText(&head, 1, &random)
                members[place].bytes.replaceSubrange(..<min(128, members[place].bytes.count), with: head)
            default: change(&members[place].bytes, 1, archiveTokens, &random)
            }
        }
        return zipFile(members, deflates: random.once(in: 2))
    }
}

// What the formats are made of.
extension FileFuzz {
    private static let modelWords: [[UInt8]] =
        ([
            "Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "BatchNormalization", "Relu", "LeakyRelu",
            "PRelu",
            "HardSigmoid", "HardSwish", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool",
            "GlobalMaxPool",
            "ReduceMean", "ReduceSum", "Resize", "Upsample", "Pad", "Add", "Sum", "Sub", "Mul", "Div", "Max",
            "Min",
            "Neg", "Abs", "Concat", "Split", "Slice", "Tile", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
            "Transpose", "DepthToSpace", "Identity", "Cast", "QuantizeLinear", "DequantizeLinear", "Shape",
            "Constant", "ConstantOfShape", "Softmax", "LSTM", "Tanh", "LRN", "axis", "axes", "perm", "pads",
            "strides", "dilations", "kernel_shape", "group", "auto_pad", "SAME_UPPER", "SAME_LOWER", "VALID",
            "ceil_mode", "count_include_pad", "output_padding", "output_shape", "split", "starts", "ends",
            "shape",
            "scales", "mode", "blocksize", "DCR", "CRD", "alpha", "beta", "epsilon", "keepdims", "transA",
            "transB",
            "value", "to", "allowzero", "broadcast", "x", "w0", "w1", "w2", "w3", "true", "false", "simd",
            "npu",
            "magikbench", "magikbench.network", "magikbench.family", "location", "offset", "length", "m.onnx",
            "..",
        ] + ["Conv0", "Reshape0", "Mul1", "Shape0"] + NastyValues.texts.filter { $0.utf8.count < 1000 })
        .map { Array($0.utf8) }

    /// Keys of the fields of a model, and the words.
    private static let modelTokens: [[UInt8]] =
        modelWords + (1...15).flatMap { number in [0, 1, 2, 3, 4, 5].map { [UInt8(number << 3 | $0)] } }

    private static let headerTokens: [[UInt8]] = [
        "{", "}", "[", "]", ":", ",", "\"", "\"dtype\":\"", "\"shape\":[", "\"data_offsets\":[",
        "__metadata__", "F32",
        "F64", "I64", "BOOL", "[0,0]", "[[[[[[[[", "{\"a\":{\"a\":", "9223372036854775807", "-1", "1e9",
        "null",
    ].map { Array($0.utf8) }

    private static let archiveTokens: [[UInt8]] =
        [
            [0x50, 0x4B, 1, 2], [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6], [0x50, 0x4B, 6, 6],
            [0x50, 0x4B, 6, 7], [8, 0],
        ]
        + [
            "\u{93}NUMPY", "descr", "'<f4'", "'<f8'", "'|u1'", "'>f4'", "'|O'", "fortran_order", "True",
            "False",
            "shape", "(0,)", "()", "(4294967296, 4294967296)", "(9223372036854775807,)", "(1, 1, 1, 1, 1)",
            "-1", "}",
            "x_train.npy", "conv0.weight.npy",
        ].map { Array($0.utf8) }
}
