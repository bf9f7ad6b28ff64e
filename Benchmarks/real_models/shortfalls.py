"""Why a model's quantized results lie below the peer's, by the name of its file; looked up where they do."""

SHORTFALLS: dict[str, str] = {
    "yunet_n_320": (
        "every unit is a 1x1 convolution without activation in front of a padded depthwise one. T40 pads such signed maps with -1, so "
        "each is taken apart into two unsigned ones, and the depthwise convolution into two and their sum: three roundings in "
        "the place of one. Txx, which pads with 0, is above onnxruntime."),
    "nanodet_m_320": (
        "its LeakyReLU results are signed, and the chips' grids are symmetric: 40 to 49 % of the codes stay unused there, where "
        "onnxruntime has a zero point."),
    "yunet_s_dynamic": (
        "as of yunet_n_320: its depthwise convolutions read signed maps, and are two and their sum on T40."),
    "pfld": (
        "it joins a signed map with unsigned ones, which no chip does: each unsigned one becomes signed by a layer of its own, one more "
        "rounding with a bit less."),
    "yolox_nano": (
        "SiLU became Hswish, in more than 70 layers one behind the other: in float 6.8 dB are left of the original, and quantizing "
        "leaves 9.0 dB of that on Txx. It has to be trained again with Hswish."),
}
