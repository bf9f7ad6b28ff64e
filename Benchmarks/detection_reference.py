"""Writes losses of boxes, their gradients and the boxes that are read, by PyTorch, for tests to compare with.

The losses are those of the exported file (Sources/Interchange/Torch/Runtime/detection.py); gradients are PyTorch's own. All
is computed in double precision. Outputs are numbers of the tests' generator (SplitMix64), so that only their seed is kept.

    python detection_reference.py

rewrites Tests/Fixtures/PyTorch/detection.json: cases as write.py beside it describes them. The tasks are those of
Tests/QATTests/DetectionSample.swift, named by the first part of a case's name.
"""

import json
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "Sources/Interchange/Torch/Runtime"))
from detection import Detection  # noqa: E402

INPUT = (64, 80)
MASK = (1 << 64) - 1
SHAPES = {"3": (8, 10), "4": (4, 5)}


class Generator:
    """SplitMix64, as Tests/Support/SeededGenerator.swift."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = self.state + 0x9E3779B97F4A7C15 & MASK
        bits = self.state
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & MASK
        return bits ^ (bits >> 31)

    def number(self, low, high):
        """A multiple of (high - low) / 2^24."""
        return low + (self.next() >> 40) / 2**24 * (high - low)


def anchors(kind):
    sizes = {"3": [[10, 13], [16, 30]], "4": [[33, 23], [30, 40]]}
    heads = [{"kind": kind, "layer": f"p{level}", "anchors": sizes[level]} for level in "34"]
    return heads, {"p3": 16, "p4": 16}


def priors():
    sizes = {"3": [[10, 14], [18, 18]], "4": [[32, 32]]}
    heads = [{"kind": "ssd", "scores": f"s{level}", "boxes": f"b{level}", "priors": sizes[level]} for level in "34"]
    return heads, {"s3": 8, "b3": 8, "s4": 4, "b4": 4}


def distances(has_objectness=False, coding="sides", bins=0):
    count, heads = 4 * max(1, bins), []
    for level in "34":
        layer = f"p{level}"
        head = {"kind": "distances", "scores": layer, "boxes": {"layer": layer, "from": 3}, "coding": coding, "bins": bins}
        if has_objectness:
            head["objectness"] = {"layer": layer, "from": 3 + count}
        heads.append(head)
    return heads, {f"p{level}": 3 + count + has_objectness for level in "34"}


TASKS = {
    "yolov3": anchors("yolov3"), "yolov5": anchors("yolov5"), "ssd": priors(), "sides": distances(),
    "sides with bins": distances(bins=8), "sides with objectness": distances(True),
    "centre with objectness": distances(True, "centre"),
}

# Name, objects of each sample, ignored ones of each sample, label smoothing.
BATCHES = [
    ("a few objects", (2, 3), (0, 0), 0.0), ("no objects", (0, 0), (0, 1), 0.0),
    ("crowded, some ignored", (12, 0), (2, 3), 0.0), ("smoothed", (1, 4), (0, 0), 0.1),
]


def drawn(generator, counts, ignored):
    rows = []
    for sample, (count, others) in enumerate(zip(counts, ignored)):
        for place in range(count + others):
            width, height = generator.number(6, 44), generator.number(6, 44)
            left, top = generator.number(0, INPUT[1] - width), generator.number(0, INPUT[0] - height)
            sides = [round(side * 4) / 4 + 0.1 for side in (left, top, left + width, top + height)]
            rows.append([sample, *sides, generator.next() % 3, float(place >= count)])
    return rows


def tensor(values, digits):
    values = values.detach()
    return {
        "shape": list(values.shape),
        "values": [0 if v == 0 else float(f"{v:.{digits}g}") for v in values.flatten().tolist()],
    }


def case(name, heads, channels, batch, seed):
    title, counts, ignored, smoothing = batch
    generator = Generator(seed)
    outputs = {}
    for layer in sorted(channels):
        height, width = SHAPES[layer[-1]]
        axes = (len(counts), height, width, channels[layer])
        numbers = [generator.number(-2, 2) for _ in range(torch.Size(axes).numel())]
        outputs[layer] = torch.tensor(numbers, dtype=torch.float64).reshape(axes).requires_grad_()
    rows = drawn(generator, counts, ignored)
    table = torch.tensor(rows, dtype=torch.float64).reshape(-1, 7)
    pictures = []
    for sample in range(len(counts)):
        mine = table[table[:, 0] == sample]
        pictures.append((mine[:, 1:5], mine[:, 5].long(), mine[:, 6].bool()))
    detection = Detection({"heads": heads, "classes": ["a", "b", "c"]}, INPUT, smoothing)
    first = {layer: values.permute(0, 3, 1, 2) for layer, values in outputs.items()}
    losses = detection.loss(first, pictures)
    losses.sum().backward()
    found = detection.boxes(first, limit=8)
    samples = [torch.full((len(boxes), 1), float(sample)) for sample, boxes in enumerate(found)]
    tensors = {
        "objects": tensor(table, 9), "losses": tensor(losses, 9),
        "found": tensor(torch.cat([torch.cat(pair, -1) for pair in zip(samples, found)]), 7),
    }
    for layer, values in outputs.items():
        gradient = torch.zeros_like(values) if values.grad is None else values.grad
        tensors[f"gradient.{layer}"] = tensor(gradient, 6)
    return {"name": f"{name}: {title}", "settings": {"seed": seed, "smoothing": smoothing}, "tensors": tensors}


def main():
    cases = []
    for name, (heads, channels) in TASKS.items():
        for batch in BATCHES:
            cases.append(case(name, heads, channels, batch, 100 + len(cases)))
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (ROOT / "Tests/Fixtures/PyTorch/detection.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
