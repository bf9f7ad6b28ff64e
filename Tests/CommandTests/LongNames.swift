import Devices
import Editing
import Graph

/// A network whose names are as long as names may be, half of them in wide characters.
enum LongNames {
    /// The document.
    static func document() throws -> Document {
        let wide = String(repeating: "卷积层", count: 20)
        let long = "backbone." + String(repeating: "x", count: 50)
        var nodes = [Node("数据", .preprocess(Preprocess()), inputs: ["图像"])]
        for number in 10..<22 {
            var conv = Conv2D()
            conv.outChannels = number.isMultiple(of: 5) ? 80 : 4096
            conv.padding = 1
            (conv.quantizers.isEnabled, conv.quantizers.weightBits, conv.quantizers.outputBits) = (true, 4, 4)
            let name = (number.isMultiple(of: 2) ? wide : long) + ".\(number)"
            nodes.append(Node(name, .conv2D(conv), inputs: [Source(nodes[nodes.count - 1].name)]))
        }
        let read = [1, 3, 5, 7, 9, 12].map { Source(nodes[$0].name) }
        nodes.append(Node("join", .route(Route()), inputs: read))
        let network = try Network(
            inputs: [Input("图像", .map(channels: 3, height: 512, width: 1024))], nodes: nodes)
        return Document(network: network, device: .t40)
    }
}
