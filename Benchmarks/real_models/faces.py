"""Face detections of a quantized UltraFace against those of its float model.

The float model's own boxes with a score of at least 0.7 are what is right. A detection is right where it covers one of
them, not yet covered, by an intersection over union of at least 0.5 (or 0.75).
"""

from __future__ import annotations

import numpy

WIDTH, HEIGHT = 320, 240
# By stride: the sizes of the boxes that each place of a map stands for.
ANCHORS = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2
MOST_OVERLAP = 0.3
# From which scores on a box of the float model is right, or in doubt, and a detection counts.
RIGHT_SCORE, DOUBTFUL_SCORE, LEAST_SCORE = 0.7, 0.3, 0.2

# Models whose results are scores and boxes, and whether the boxes are offsets from anchors, not yet corners.
DETECTORS = {"ultraface_slim320_simp": True, "ultraface_rfb320": False}


def anchors() -> numpy.ndarray:
    """The anchors in the order of the results: centre, width and height as shares of the picture."""
    found = []
    for stride, sizes in ANCHORS.items():
        for row in range(-(-HEIGHT // stride)):
            for column in range(-(-WIDTH // stride)):
                for size in sizes:
                    found.append([(column + 0.5) * stride / WIDTH, (row + 0.5) * stride / HEIGHT, size / WIDTH, size / HEIGHT])
    return numpy.clip(numpy.array(found), 0, 1)


def corners(offsets: numpy.ndarray) -> numpy.ndarray:
    """Boxes as left, top, right, bottom of offsets from the anchors."""
    prior = anchors()
    centre = offsets[:, :2] * CENTRE_VARIANCE * prior[:, 2:] + prior[:, :2]
    size = numpy.exp(offsets[:, 2:] * SIZE_VARIANCE) * prior[:, 2:]
    return numpy.concatenate([centre - size / 2, centre + size / 2], axis=1)


def overlaps(box: numpy.ndarray, boxes: numpy.ndarray) -> numpy.ndarray:
    """The intersection over union of a box with each of others."""
    low, high = numpy.maximum(box[:2], boxes[:, :2]), numpy.minimum(box[2:], boxes[:, 2:])
    shared = numpy.clip(high - low, 0, None).prod(axis=1)
    areas = numpy.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
    return shared / numpy.maximum(areas + (box[2:] - box[:2]).clip(0).prod() - shared, 1e-12)


def detections(model: str, results: dict[str, numpy.ndarray], least: float) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Boxes and scores of a picture, the best first, without those that a better one covers."""
    scores, boxes = results["scores"][0, :, 1].astype(numpy.float64), results["boxes"][0].astype(numpy.float64)
    if DETECTORS[model]:
        boxes = corners(boxes)
    order = numpy.argsort(-scores, kind="stable")
    order = order[scores[order] >= least]
    kept = []
    while len(order) > 0:
        first, order = order[0], order[1:]
        kept.append(first)
        order = order[overlaps(boxes[first], boxes[order]) <= MOST_OVERLAP]
    return boxes[kept], scores[kept]


class Agreement:
    """How detections agree with the float model's, over pictures."""

    def __init__(self, model: str) -> None:
        self.model = model
        # Of each picture: the float model's boxes, and whether each counts as right.
        self.boxes: list[numpy.ndarray] = []
        self.counts: list[numpy.ndarray] = []
        self.found: list[tuple[float, int, numpy.ndarray]] = []

    def add(self, right: dict[str, numpy.ndarray], found: dict[str, numpy.ndarray]) -> None:
        """Adds a picture's results, of the float model and of the quantized one."""
        boxes, scores = detections(self.model, right, DOUBTFUL_SCORE)
        self.boxes.append(boxes)
        self.counts.append(scores >= RIGHT_SCORE)
        boxes, scores = detections(self.model, found, LEAST_SCORE)
        self.found += [(float(score), len(self.boxes) - 1, box) for box, score in zip(boxes, scores)]

    @property
    def faces(self) -> int:
        """How many boxes are right."""
        return int(sum(counts.sum() for counts in self.counts))

    def hits(self, least: float, forgives: bool) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The scores of all detections, the best first, and whether each is right; `forgives` leaves those out that
        cover a box of the float model that scores less than is right."""
        free = [counts.copy() for counts in self.counts]
        ranked, hits = [], []
        for score, picture, box in sorted(self.found, key=lambda one: -one[0]):
            shares = overlaps(box, self.boxes[picture])
            candidates = numpy.where(free[picture], shares, 0)
            is_right = candidates.size > 0 and candidates.max() >= least
            if is_right:
                free[picture][candidates.argmax()] = False
            elif forgives and (shares[~self.counts[picture]] >= least).any():
                continue
            ranked.append(score)
            hits.append(is_right)
        return numpy.array(ranked), numpy.array(hits, bool)

    def average_precision(self, least: float, forgives: bool = False) -> float:
        """The area below the highest precision at each recall or more."""
        _, hits = self.hits(least, forgives)
        precision = numpy.cumsum(hits) / numpy.arange(1, len(hits) + 1)
        highest = numpy.maximum.accumulate(precision[::-1])[::-1]
        return float((highest * hits).sum() / max(self.faces, 1))

    def numbers(self) -> dict[str, float]:
        """All that the table says of it; precision and recall of what scores as much as is right."""
        scores, hits = self.hits(0.5, forgives=True)
        sure = scores >= RIGHT_SCORE
        return {
            "faces": self.faces,
            "ap50": self.average_precision(0.5), "ap75": self.average_precision(0.75),
            "forgiving50": self.average_precision(0.5, forgives=True),
            "forgiving75": self.average_precision(0.75, forgives=True),
            "precision": float(hits[sure].sum() / max(sure.sum(), 1)),
            "recall": float(hits[sure].sum() / max(self.faces, 1)),
        }
