"""Why a model's quantized results lie below the peer's, by the name of its file; looked up where they do."""

SHORTFALLS: dict[str, str] = {
    "fastestdet": (
        "the signed grid of T40 has no zero, for features nor for weights. Most of its depthwise convolutions hand out signed maps; "
        "on Txx, whose grids have a zero, the same network loses less. Channels widened with zeros are not silent on that grid "
        "either: from 8 pictures the unwidened network lies 1 dB higher."),
    "pfld": (
        "the mean pools at the end read signed maps, and the signed grid of T40 has no zero: what is 0 becomes half a step, "
        "a mean keeps that offset, and it has no bias that could take it back."),
    "ultraface_rfb320": (
        "T40 pads signed maps with -1 and not with 0. The convolutions of the block with three branches (286, 293, 300) pad the signed maps "
        "that they read: 2 to 5 dB on T40, 24 to 27 on Txx, which pads with 0."),
    "mobilenetv3_small": (
        "T40 pads signed maps with -1 and not with 0, and its Hswish results are signed: the borders of the depthwise convolutions "
        "behind them are wrong. Txx pads with 0."),
    "yunet_n_320": (
        "every unit is a 1x1 convolution without activation in front of a padded depthwise one, and T40 pads such signed maps with -1 "
        "and not with 0. Txx, which pads with 0, is above onnxruntime."),
}
