"""How far results lie from those that are right."""

from __future__ import annotations

import math

import numpy


class Noise:
    """Signal and noise of every result, summed over samples in 64 bits."""

    def __init__(self) -> None:
        self.signal: dict[str, float] = {}
        self.noise: dict[str, float] = {}

    def add(self, right: dict[str, numpy.ndarray], found: dict[str, numpy.ndarray]) -> None:
        """Adds a sample's results by name; what `found` has beside those of `right` counts for nothing."""
        for name, wanted in right.items():
            got = found[name]
            if got.shape != wanted.shape:
                raise ValueError(f"{name} has the shape {list(got.shape)}, expected {list(wanted.shape)}")
            wanted = wanted.astype(numpy.float64)
            self.signal[name] = self.signal.get(name, 0.0) + float((wanted**2).sum())
            self.noise[name] = self.noise.get(name, 0.0) + float(((wanted - got) ** 2).sum())

    def decibels(self) -> dict[str, float]:
        """10 log10(sum of x^2 / sum of (x - xq)^2) by result; infinite where all is the same."""
        return {name: ratio(self.signal[name], self.noise[name]) for name in self.signal}


def ratio(signal: float, noise: float) -> float:
    """A ratio of powers in dB."""
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


class Difference:
    """The largest difference of every result as a share of its largest magnitude."""

    def __init__(self) -> None:
        self.furthest: dict[str, float] = {}
        self.largest: dict[str, float] = {}

    def add(self, right: dict[str, numpy.ndarray], found: dict[str, numpy.ndarray]) -> None:
        """Adds a sample's results by name."""
        for name, wanted in right.items():
            got = found[name]
            if got.shape != wanted.shape:
                raise ValueError(f"{name} has the shape {list(got.shape)}, expected {list(wanted.shape)}")
            self.furthest[name] = max(self.furthest.get(name, 0.0), float(numpy.abs(got - wanted).max()))
            self.largest[name] = max(self.largest.get(name, 0.0), float(numpy.abs(wanted).max()))

    def share(self) -> float:
        """The worst of all results; not a number counts as infinite."""
        shares = [self.furthest[name] / max(self.largest[name], 1e-30) for name in self.furthest]
        return max(math.inf if math.isnan(share) else share for share in shares)


def mean(decibels: dict[str, float]) -> float:
    """The mean over results."""
    return sum(decibels.values()) / len(decibels)
