/// What to say of operators that no chip has.
enum Advice {
    /// Why an operator is refused, as a clause.
    static func reason(for name: String) -> String {
        switch name {
        case "Softmax", "LogSoftmax", "ArgMax", "Sigmoid":
            "no chip computes it; only behind the last layer that learns is it left to the host"
        case "LRN": "no chip divides by its neighbours' squares"
        case "LSTM", "GRU", "RNN":
            "its gates are other functions than the chips' (hard sigmoids, and a rational tanh), so its numbers would be others"
        case "If", "Loop", "Scan": "the chips run one fixed sequence of layers"
        default: "no operator of the chips computes it"
        }
    }

    /// What could be done instead, as a sentence; empty where nothing is known.
    static func advice(for name: String) -> String {
        switch name {
        case "Sigmoid":
            "With --approximate it becomes Hsigmoid, and x times it (SiLU) becomes Hswish; or train with HardSigmoid or HardSwish (torch.nn.Hardswish)."
        case "Gelu", "Erf", "Swish":
            "With --approximate GELU and SiLU become Hswish; or train with HardSwish (torch.nn.Hardswish) or ReLU6."
        case "Tanh":
            "In a GELU --approximate takes the whole as Hswish; else train with ReLU, LeakyReLU or PReLU."
        case "Elu", "Selu", "Celu", "Softplus", "Softsign": "Train with ReLU, LeakyReLU or PReLU."
        case "Mish": "Train with HardSwish (torch.nn.Hardswish) or ReLU6."
        case "LRN", "InstanceNormalization", "LayerNormalization", "GroupNormalization":
            "Train with batch norm in its place: it becomes part of the convolution."
        case "Softmax", "LogSoftmax", "ArgMax": "Leave it to the host, behind the network."
        case "LSTM", "GRU", "RNN": "Add an LSTM layer here and train it with the chips' gates."
        case "AveragePool":
            "Pad nothing, or count the padding (count_include_pad=True); with --approximate the padding counts."
        case "MaxPool":
            "Put a ReLU in front of it, or pad nothing; with --approximate the border is taken as it is on the chips."
        case "Cast", "Floor", "Ceil", "Round", "Mod", "Sign", "BitShift":
            "Export the network in float, before its numbers are made whole: quantizers make them whole here."
        case "Transpose": "Keep the channels as the second axis."
        case "Pad":
            "Pad with zeros, in the convolution itself; with --approximate zeros take the place of other padding."
        case "Resize", "Upsample":
            "Resize by whole factors, to the nearest place or with align_corners=False; with --approximate align_corners=True is taken so."
        case "Div", "Sqrt", "Pow", "Exp", "Log": "Compute it before or behind the network, on the host."
        default: ""
        }
    }
}
