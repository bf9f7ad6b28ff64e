"""Why a model's quantized results lie below the peer's, by the name of its file; looked up where they do."""

SHORTFALLS: dict[str, str] = {
    "fastestdet": (
        "the signed grid of T40 has no zero, for features nor for weights. Most of its depthwise convolutions hand out signed maps; "
        "on Txx, whose grids have a zero, the same network loses less. Channels widened with zeros are not silent on that grid "
        "either: from 8 pictures the unwidened network lies 1 dB higher."),
    "mobilenetv3_small": (
        "T40 pads signed maps with -1 and not with 0, and its Hswish results are signed: the borders of the depthwise convolutions "
        "behind them are wrong. Txx pads with 0."),
    "yunet_n_320": (
        "every unit is a 1x1 convolution without activation in front of a padded depthwise one, and T40 pads such signed maps with -1 "
        "and not with 0. Txx, which pads with 0, is above onnxruntime."),
    "nanodet_m_320": (
        "its LeakyReLU results are signed, and the chips' grids are symmetric: 40 to 49 % of the codes stay unused there, where "
        "onnxruntime has a zero point. On T40 its depthwise convolutions also pad signed maps with -1 and not with 0."),
    "yunet_s_dynamic": (
        "every unit is a 1x1 convolution without activation in front of a padded depthwise one, and T40 pads such signed maps with -1 "
        "and not with 0."),
    "yolox_nano": (
        "SiLU became Hswish, in more than 70 layers one behind the other: in float 6.2 dB are left of the original, and quantizing "
        "leaves 9.8 dB of that on Txx. It has to be trained again with Hswish. T40 also pads the results of Hswish with -1 and not "
        "with 0."),
    "unet_clouds": (
        "padding of its pools became layers of their own, without an activation, so that their results can be joined with those of its "
        "transposed convolutions: T40 keeps them as signed maps, whose zero is half a step off, and pads what reads them with -1."),
}
