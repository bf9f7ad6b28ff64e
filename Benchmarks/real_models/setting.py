"""What all stages share."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

import numpy

from . import pictures
from .models import Model
from .program import Program


@dataclass
class Setting:
    """The program, the folders, how many pictures each half has, and the bits."""

    program: Program
    data: pathlib.Path
    work: pathlib.Path
    samples: int
    bits: int

    def calibration(self, model: Model) -> numpy.ndarray:
        """What a model reads of the pictures that calibrate."""
        return self.half(model, pictures.CALIBRATION)

    def held_out(self, model: Model) -> numpy.ndarray:
        """What a model reads of the others."""
        return self.half(model, pictures.HELD_OUT)

    def half(self, model: Model, half: int) -> numpy.ndarray:
        return pictures.normalized(pictures.load(self.data, half, model, self.samples), model.convention)

    def target(self, model: Model, device: str) -> pathlib.Path:
        """The session of a model for a chip."""
        return self.work / f"{model.name}-{device}.magik"

    def fixed(self, model: Model, device: str) -> pathlib.Path:
        """The same after `check --fix`."""
        return self.work / f"{model.name}-{device}-fixed.magik"

    def npz(self, model: Model) -> pathlib.Path:
        """Both halves of the pictures as magikbench reads them; written where it is not there."""
        path = self.work / f"{model.name}-{self.samples}.npz"
        if not path.exists():
            pictures.write_data(path, self.data, model, self.samples)
        return path
