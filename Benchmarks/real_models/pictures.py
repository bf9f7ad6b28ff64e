"""Pictures as a model reads them: 64 to calibrate with, and as many that no calibration sees."""

from __future__ import annotations

import pathlib

import numpy
from PIL import Image

from .conventions import Convention
from .models import Model

# The pictures, sorted by name: those at even places calibrate, those at odd places are held out. Both halves have faces.
CALIBRATION, HELD_OUT = 0, 1


def paths(data: pathlib.Path, half: int, limit: int) -> list[pathlib.Path]:
    """The files of a half, at most some."""
    found = sorted((data / "coco128" / "images").rglob("*.jpg"))
    if not found:
        raise SystemExit(f"{data}/coco128/images has no pictures; MAGIKBENCH_DATA or --data names the folder of data sets")
    return found[half::2][:limit]


def pixels(path: pathlib.Path, model: Model) -> numpy.ndarray:
    """A picture in the size of a model's input, channels first, bytes from 0 to 255."""
    channels, height, width = model.shape
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    grey = numpy.asarray(small.convert("L"))[None]
    if channels == 1:
        return grey
    colours = numpy.asarray(small).transpose(2, 0, 1)
    if model.convention.colours == "BGR":
        colours = colours[::-1]
    if channels > 3:
        colours = numpy.concatenate([colours] + [grey] * (channels - 3))
    return numpy.ascontiguousarray(colours[:channels])


def noise(model: Model, count: int, seed: int) -> numpy.ndarray:
    """Random bytes in the shape of pictures."""
    return numpy.random.default_rng(seed).integers(0, 256, (count, *model.shape), dtype=numpy.uint8)


def load(data: pathlib.Path, half: int, model: Model, limit: int) -> numpy.ndarray:
    """Pictures of a half as bytes: samples, channels, height, width."""
    return numpy.stack([pixels(path, model) for path in paths(data, half, limit)])


def normalized(samples: numpy.ndarray, convention: Convention) -> numpy.ndarray:
    """What a model reads of bytes, 32-bit floats."""
    table = ((numpy.arange(256) - convention.mean) / convention.divisor).astype(numpy.float32)
    return table[samples]


def write_data(path: pathlib.Path, data: pathlib.Path, model: Model, limit: int) -> None:
    """Writes both halves as magikbench reads them from npz; the classes mean nothing."""
    parts = {"train": load(data, CALIBRATION, model, limit), "test": load(data, HELD_OUT, model, limit)}
    arrays = {f"x_{part}": samples for part, samples in parts.items()}
    arrays |= {f"y_{part}": numpy.zeros(len(samples), numpy.int64) for part, samples in parts.items()}
    numpy.savez(path, **arrays)
