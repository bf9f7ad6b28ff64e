import Foundation
import SwiftProtobuf

/// An ONNX file: its model without the numbers of the weights, and where in the file those lie.
///
/// The file stays one piece of memory; a weight is a slice of it and is not copied. A message of protocol buffers
/// copies its bytes, so the numbers are taken out before the rest is decoded.
struct ONNXFile {
    /// The model; the initializers whose numbers lie in the file have none here.
    let model: ONNXModel
    /// The weights by name.
    let initializers: [String: ONNXTensor]
    /// The bytes of the file.
    let size: Int
    /// How many operators on codes were said by operators on numbers.
    let coded: Int
    /// The numbers of weights that are not in the model's message.
    private let numbers: [String: ArraySlice<UInt8>]
    private let places: [String: Int]

    /// The largest file that is read.
    static let sizeLimit = 4 << 30
    /// The most bytes that a model may have beside its weights.
    static let structureLimit = 512 << 20

    /// Reads a file, and the files beside it that it keeps weights in.
    init(path: String) throws(ONNXError) {
        let bytes = try FileBytes.read(path, limit: ONNXFile.sizeLimit)
        try self.init(bytes: bytes, folder: (path as NSString).deletingLastPathComponent)
    }

    /// Reads the bytes of a file; weights outside it are looked for in `folder` alone.
    init(bytes: [UInt8], folder: String) throws(ONNXError) {
        let outline: Outline
        do {
            outline = try bytes.withUnsafeBytes { try Outline($0) }
        } catch let error as ONNXError {
            throw error
        } catch {
            throw .undecodable("\(error)")
        }
        var model: ONNXModel
        do {
            model = try ONNXModel(serializedBytes: outline.bytes)
        } catch {
            throw .undecodable("\(error)")
        }
        guard model.hasGraph else { throw .noGraph }
        size = bytes.count
        try ONNXFile.check(model)
        var initializers: [String: ONNXTensor] = [:]
        var numbers: [String: ArraySlice<UInt8>] = [:]
        var external = ExternalData(folder: folder)
        for (index, message) in model.graph.initializer.enumerated() {
            let data: ArraySlice<UInt8>?
            if message.dataLocation == 1 {
                data = try external.bytes(of: message)
            } else {
                data = outline.places[index].map { bytes[$0] }
            }
            let tensor = try ONNXTensor(message, data: data)
            guard tensor.dims.count < 2 || !tensor.dims.contains(0) else {
                throw .badTensor(message.name, reason: "has the shape \(tensor.dims), which holds no numbers")
            }
            initializers[message.name] = tensor
            numbers[message.name] = data
        }
        let operators = CodedOperators(model.graph.node)
        coded = operators.count
        if coded > 0 { model.graph.node = operators.nodes }
        self.model = model
        self.initializers = initializers
        self.numbers = numbers
        places = [String: Int](
            model.graph.initializer.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The message of a weight with all of its numbers in it, as another file can hold it; nil where there is none.
    func message(of name: String) -> ONNXTensorProto? {
        guard var message = places[name].map({ model.graph.initializer[$0] }) else { return nil }
        guard let data = numbers[name] else { return message }
        message.rawData = Data(data)
        message.externalData = []
        message.dataLocation = 0
        return message
    }
}

/// A model's bytes without the numbers of its initializers.
private struct Outline {
    var bytes: [UInt8] = []
    /// By the position of an initializer, where its numbers lie in the file.
    var places: [Int: Range<Int>] = [:]
    private var count = 0

    private static let graphField = 7
    private static let initializerField = 5
    /// Packed floats and raw bytes: both are the numbers as they lie in memory.
    private static let numberFields: Set<Int> = [4, 9]

    init(_ file: UnsafeRawBufferPointer) throws(ONNXError) {
        var cursor = WireCursor(file, 0..<file.count)
        while let field = try cursor.next() {
            if field.number == Outline.graphField, field.isDelimited {
                let graph = try self.graph(file, field.content)
                bytes.append(field: field.number, graph)
            } else {
                bytes += file[field.whole]
            }
            try check(bytes.count)
        }
    }

    private mutating func graph(
        _ file: UnsafeRawBufferPointer, _ range: Range<Int>
    ) throws(ONNXError) -> [UInt8] {
        var graph: [UInt8] = []
        var cursor = WireCursor(file, range)
        while let field = try cursor.next() {
            if field.number == Outline.initializerField, field.isDelimited {
                graph.append(field: field.number, try tensor(file, field.content))
                count += 1
            } else {
                graph += file[field.whole]
            }
            try check(graph.count)
        }
        return graph
    }

    private mutating func tensor(
        _ file: UnsafeRawBufferPointer, _ range: Range<Int>
    ) throws(ONNXError) -> [UInt8] {
        var tensor: [UInt8] = []
        var numbers: [WireCursor.Field] = []
        var cursor = WireCursor(file, range)
        while let field = try cursor.next() {
            if Outline.numberFields.contains(field.number), field.isDelimited {
                numbers.append(field)
            } else {
                tensor += file[field.whole]
            }
        }
        if numbers.count == 1 {
            places[count] = numbers[0].content
        } else {
            // Numbers in several chunks are rare; the decoder joins them.
            for chunk in numbers { tensor += file[chunk.whole] }
        }
        return tensor
    }

    private func check(_ count: Int) throws(ONNXError) {
        guard count <= ONNXFile.structureLimit else {
            throw .tooLarge(bytes: count, limit: ONNXFile.structureLimit)
        }
    }
}
