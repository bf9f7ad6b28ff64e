import Graph

/// The constructors of the vendor's `ops` (manual, operator list), with every argument in its order and the manual's default.
///
/// The one table that the export writes by, the stub is made of, and the import reads by.
struct MagikSignature {
    /// One argument.
    struct Argument: Hashable {
        /// The manual's name.
        let name: String
        /// Its default as Python writes it; nil where it must be given.
        let standard: String?

        init(_ name: String, _ standard: String? = nil) { (self.name, self.standard) = (name, standard) }
    }

    /// The class in `ops`.
    let name: String
    /// Its arguments.
    let arguments: [Argument]

    /// The constructor of an operator.
    init(_ kind: OperatorKind) {
        name = kind.rawValue
        arguments = MagikSignature.arguments(of: kind)
    }

    /// The constructor of an activation; nil where the manual's None stands.
    init?(_ activation: Activation) {
        guard activation != .none else { return nil }
        name = activation.rawValue
        let own: [Activation: [Argument]] = [
            .prelu: [Argument("in_channels")], .hswish: [Argument("in_channels")],
            .hsigmoid: [
                Argument("in_channels"), Argument("offset_value", "3.0"), Argument("clip_max_value", "6.0"),
            ],
        ]
        arguments = (own[activation] ?? []) + [MagikSignature.device]
    }

    private static let device = Argument("target_device", "\"Txx\"")

    /// The arguments of a constructor: those of the table, else the operator's fields in their order.
    private static func arguments(of kind: OperatorKind) -> [Argument] {
        table[kind]
            ?? kind.fields.map { Argument($0.argument, $0.isRequired ? nil : literal($0.defaultValue)) } + [
                device
            ]
    }

    /// A default as Python writes it.
    private static func literal(_ value: FieldValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .number(let number): PythonCall.literal(number)
        case .flag(let isSet): PythonCall.literal(isSet)
        case .choice(let word): PythonCall.literal(word)
        case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ", ") + "]"
        case .unset: "None"
        }
    }

    /// The constructors whose arguments are not the operator's fields alone.
    private static let table: [OperatorKind: [Argument]] = {
        let layout = Argument("data_format", "\"NCHW\"")
        let quantize = Argument("quantize", "False")
        let lastFeature = Argument("quantize_last_feature", "False")
        let first = Argument("first_layer", "False")
        let last = Argument("last_layer", "False")
        let weight = Argument("weight_bitwidth", "32")
        let input = Argument("input_bitwidth", "32")
        let output = Argument("output_bitwidth", "32")
        let factor = Argument("weight_factor", "3.0")
        let lstm = Argument("pre_lstm_layer", "False")
        let threshold = Argument("auto_threshold", "False")
        let activation = Argument("activation_fn", "ReLU6()")
        let norm = Argument("enable_batch_norm", "False")
        let bias = Argument("enable_bias", "True")
        func clip(_ number: String) -> Argument { Argument("clip_max_value", number) }
        func window(_ size: String, stride: String) -> [Argument] {
            [Argument("kernel_h", size), Argument("kernel_w", size), Argument("stride", stride)]
        }
        let padding = Argument("padding", "0")
        let inChannels = Argument("in_channels")
        let outChannels = Argument("out_channels")
        let product = [
            inChannels, outChannels, activation, norm, bias, layout, quantize, lastFeature, last, weight,
            input, output, clip("6.0"), factor, device, Argument("auto_bitwidth", "True"), threshold,
            lstm,
        ]
        return [
            .preprocess: [Argument("mean", "0."), Argument("var", "255."), device],
            .conv2D: [
                inChannels, outChannels, Argument("stride", "1"), Argument("kernel_h", "3"),
                Argument("kernel_w", "3"), activation, norm, bias, padding, Argument("groups", "1"),
                Argument("dilation", "1"), layout, quantize, lastFeature, first, last, weight, input, output,
                clip("6.0"), factor, device, Argument("auto_bitwidth", "False"),
                Argument("is_focus", "False"), threshold, lstm,
            ],
            .convTranspose2D: product, .fullConnected: product,
            .depthwiseConv2D: [
                inChannels, Argument("stride", "1"), Argument("kernel_h", "3"), Argument("kernel_w", "3"),
                activation, norm, bias, padding, layout, quantize, lastFeature, last, weight, input, output,
                clip("6.0"), factor, device, Argument("auto_bitwidth", "True"), threshold, lstm,
            ],
            .batchNorm: [
                inChannels, Argument("activation_fn", "Linear()"), quantize, first, input, output,
                clip("6.0"), Argument("auto_threshold", "True"), device,
            ],
            .flatten: [Argument("shape_list"), device],
            .shortcut: [
                outChannels, activation, quantize, lastFeature, last, input, output, clip("2.0"), device,
            ],
            .maxpool2D: window("2", stride: "2") + [padding, device],
            .avgpool2D: [inChannels] + window("2", stride: "2") + [padding, quantize, input, output, device],
            .adaptiveAvgpool2D: [
                inChannels, Argument("keepdim", "True"), quantize, input, output, last, device,
            ],
            .unpool2D: [
                Argument("kernel_h", "2"), Argument("kernel_w", "2"), Argument("mode", "\"zero\""), quantize,
                last, device,
            ],
            .seBlock: [
                inChannels, Argument("rate"), quantize, lastFeature, last, bias, norm, weight, input, output,
                factor, clip("6.0"), layout, device,
            ],
            .mul: [outChannels, quantize, lastFeature, last, input, output, device],
            .channelSplit: [Argument("split"), device],
            .pixelShuffle: [Argument("upscale_factor"), Argument("target_device", "\"T40\"")],
            .lstm: [
                Argument("input_size"), Argument("hidden_size"), Argument("num_layers", "1"),
                Argument("bias", "True"), Argument("bidirectional", "False"),
                Argument("initial_state_fw", "None"), Argument("initial_state_bw", "None"),
                Argument("return_output_states", "False"), Argument("batch_first", "True"),
                Argument("use_squeeze", "False"), quantize, input, weight, output, factor, device,
            ],
            .embedding: [
                Argument("num_embeddings"), Argument("embedding_dim"), Argument("padding_idx", "None"), first,
                quantize, input, output, Argument("multi_inputs", "True"), device, lstm,
            ],
            .max: [Argument("target_device", "\"T40\"")],
        ]
    }()
}
