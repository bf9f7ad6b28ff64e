"""What each model expects of its input: the order of colours, and the mean and the divisor of its pixels.

A chip subtracts one mean and divides by one number for all channels. Where a model's source has one for each channel,
their average stands here, and both programs are fed the same values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """An input is (pixel - mean) / divisor, with pixels from 0 to 255."""

    mean: float = 0.0
    divisor: float = 255.0
    # RGB or BGR; a model with one channel gets grey, one with four gets grey behind the colours.
    colours: str = "RGB"
    source: str = "unknown: 0 to 1"


CONVENTIONS = {
    "dory_penguinet32": Convention(0, 1, source="integers from 0 to 255"),
    "fastestdet": Convention(0, 255, "BGR", "0 to 1"),
    "mobilenetv3_small": Convention(127, 64, source="mean 0 and deviation 1"),
    "nanodet_m_320": Convention(114.5, 57.6, "BGR", "ImageNet's mean and deviation by channel; their averages"),
    "pcb_cnn_fp32": Convention(127.5, 127.5, source="-1 to 1"),
    "pcb_cnn_int8": Convention(127.5, 127.5, source="-1 to 1"),
    "ppocr_v4_det": Convention(116.3, 57.1, "BGR", "ImageNet's mean and deviation by channel; their averages"),
    "road_seg_adas": Convention(0, 1, "BGR", "0 to 255"),
    "ultraface_rfb320": Convention(127, 128, source="(x - 127) / 128"),
    "ultraface_slim320_simp": Convention(127, 128, source="(x - 127) / 128"),
    "unet_clouds": Convention(127, 64, source="each picture's mean 0 and deviation 1; one of each for all here"),
    "yolox_nano": Convention(0, 1, "BGR", "0 to 255"),
    "yunet_n_320": Convention(0, 1, "BGR", "0 to 255"),
    "yunet_s_dynamic": Convention(0, 1, "BGR", "0 to 255"),
}


def convention(model: str) -> Convention:
    """The convention of a model by the name of its file without the ending; 0 to 1 of one that is unknown."""
    return CONVENTIONS.get(model, Convention())
