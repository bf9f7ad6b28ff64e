"""Why a model's quantized results lie below the peer's, by the name of its file; looked up where they do."""

SHORTFALLS: dict[str, str] = {
    "espcn_subpixel_float_model": (
        "the last layer, a BatchNorm behind the shuffle, quantizes its result once more when the session is read again. With that "
        "quantizer off (`set DepthToSpace_7.quantize=false`) T40 reaches 38.4."),
    "fastestdet": (
        "the signed grid of T40 has no zero, for features nor for weights. Most of its depthwise convolutions hand out signed maps; "
        "on Txx, whose grids have a zero, the same network loses less. Channels widened with zeros are not silent on that grid "
        "either: from 8 pictures the unwidened network lies 1 dB higher."),
    "pfld": (
        "the mean pools at the end read signed maps, and the signed grid of T40 has no zero: what is 0 becomes half a step, "
        "a mean keeps that offset, and it has no bias that could take it back."),
}
