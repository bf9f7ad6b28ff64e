"""The page about real models, from what was measured."""

from __future__ import annotations

import math

from .conventions import convention
from .measures import mean
from .program import DEVICES
from .shortfalls import SHORTFALLS
from .stages import FLOAT_SAMPLES, TOLERANCE

HEAD = """# Real models

Written by `Benchmarks/real_models.py` from public ONNX files that were not made for this project. Each goes through `check`,
`import` and `quantize`, for T40 and for Txx, without training and without labels, and is compared with onnxruntime.

```sh
Benchmarks/real_models.py run && Benchmarks/real_models.py render --output docs/real-models.md
```

Pictures are the 128 photographs of coco128 in the order of their names, resized to the model's input: those at even places
calibrate, those at odd places are held out, and all numbers but those of the import are of the held-out ones. A network has one mean
and one divisor for all channels; where a model's source has one for each channel, both programs get the averages.
"""

IMPORT = """
## Import

The difference is the largest one between the float results of the import, with the host's part behind them, and onnxruntime's, on
{random} pictures of random bytes and on {pictures} photographs, as a share of the largest number of the result; at most {tolerance:.0e} counts
as equal. At the cut is the same of what the chip computes, before the host's part: where a detector finds nothing,
all its scores are so near to 0 that the steps of onnxruntime's own Sigmoid (6e-8) decide. An
approximate import cannot be equal: its SQNR against the original stands below. `check --fix` then makes all fixes that keep the
results, such as channels widened with zeros; what it moved is the largest difference of the float results by it.
"""

QUANTIZED = """
## Quantized to 8 bit

The network with its fixes is quantized with `--samples 64 --bits 8`. SQNR in dB is 10 log10(sum x² / sum (x - xq)²) of a model's results against its own float results in onnxruntime, behind the host's
part: the mean over the results, and the worst of them where there are more. Ours is the quantized export, computed by onnxruntime as
it is written, so that codes are those of the chip's arithmetic. The peer is onnxruntime's `quantize_static`: QDQ, weights by channel,
after `quant_pre_process`, from the same pictures, the best of MinMax, Entropy and Percentile. By default it quantizes the head
too. It is computed as it is written: its fused kernels saturate on processors without VNNI. The seconds are of T40 and Txx, and
were taken beside other work: on an idle machine ultraface_slim320 takes 10. onnxruntime was not
measured on road_seg_adas: its calibration takes over an hour.
"""

DETECTIONS = """
## Detections of faces

What is right are the float model's own boxes with a score of at least 0.7 on the held-out pictures, overlaps above 0.3 removed; a
detection is right from an intersection over union of 0.5 (AP50) or 0.75 (AP75). AP ranks all detections with a score of at least
0.2. Precision and recall are of scores of at least 0.7. A float box just below 0.7 that comes out just above counts as wrong.
"""


def text(found: dict) -> str:
    """The page in Markdown."""
    models = {name: one for name, one in sorted(found.items()) if "unusable" not in one}
    parts = [HEAD, IMPORT.format(**FLOAT_SAMPLES, tolerance=TOLERANCE), table(IMPORT_HEADINGS, map_rows(import_row, models))]
    parts += [QUANTIZED, table(QUANTIZED_HEADINGS, map_rows(quantized_row, models)), explanations(models)]
    detected = {name: one["detections"] for name, one in models.items() if one.get("detections")}
    if detected:
        parts += [DETECTIONS, table(DETECTION_HEADINGS, detection_rows(detected))]
    parts += ["\n## Inputs\n\n", table(["model", "input", "colours", "its source feeds"], input_rows(models))]
    return "".join(parts)


def map_rows(row, models: dict) -> list[list[str]]:
    return [row(name, one) for name, one in models.items()]


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("_", "\\_")


# Import.

IMPORT_HEADINGS = ["model", "operators", "becomes", "random", "photographs", "at the cut", "errors on T40", "after --fix", "moved by"]


def import_row(name: str, one: dict) -> list[str]:
    imported = one.get("import", {})
    if "failed" in imported or not imported:
        return [escaped(name), "-", escaped(imported.get("failed", "not measured")), *["-"] * 6]
    first = imported[DEVICES[0]]
    operators = str(first.get("operators") or "-")
    if first["refused"]:
        return [escaped(name), operators, "refused: " + "; ".join(map(reason, first["refused"])), *["-"] * 6]
    words = "approximate: " + approximations(first) if first["isApproximate"] else "exact"
    if first["host"]:
        words += f"; {len(first['host'])} operators of the head for the host"
    shares = [max(imported[device]["difference"][kind] for device in DEVICES) for kind in ("random", "pictures", "cut")]
    return [escaped(name), operators, words, *(f"{share:.0e}" for share in shares), *fix_cells(one)]


def fix_cells(one: dict) -> list[str]:
    """Errors of T40 before and after the fixes, and how far these moved the float results."""
    before, fixed = one.get("check", {}).get("errors", {}).get(DEVICES[0]), one.get("fix", {}).get(DEVICES[0], {})
    cells = [str(sum(before.values())) if before is not None else "-"]
    if "errors" not in fixed:
        return [*cells, "failed" if fixed else "-", "-"]
    left = ", ".join(f"{count} {rule}" for rule, count in sorted(fixed["errors"].items()))
    return [*cells, left or "0", f"{fixed['difference']:.0e}"]


def reason(group: dict) -> str:
    count = f" ({group['count']} times)" if group["count"] > 1 else ""
    return escaped(f"{group['operator']}: {group['reason']}{count}")


def approximations(imported: dict) -> str:
    """What an approximate import changes, each change once."""
    texts = [note["text"] for note in imported["notes"] if note.get("kind") == "accuracy"]
    return escaped("; ".join(dict.fromkeys(texts))) or "named by the import"


# Quantized.

QUANTIZED_HEADINGS = ["model", "T40", "Txx", "onnxruntime", "its best", "T40 - onnxruntime", "Txx - onnxruntime", "seconds"]


def quantized_row(name: str, one: dict) -> list[str]:
    quantized, rival = one.get("quantize", {}), best(one)
    cells, gains = [], []
    for device in DEVICES:
        results = quantized.get(device, {}).get("results")
        cells.append(decibels(results) if results else "failed" if device in quantized else "-")
        gains.append(f"{gain(results, rival):+.1f}" if results and rival else "-")
    variant = one.get("peer", {}).get("best") or "cannot be quantized"
    seconds = [f"{quantized[device]['seconds']:.0f}" for device in DEVICES if "seconds" in quantized.get(device, {})]
    return [escaped(name), *cells, decibels(rival) if rival else "-", variant, *gains, ", ".join(seconds) or "-"]


def best(one: dict) -> dict[str, float] | None:
    """The results of the peer's best variant."""
    rival = one.get("peer", {})
    return rival["variants"][rival["best"]] if rival.get("best") else None


def gain(results: dict[str, float], rival: dict[str, float]) -> float:
    """How far ours lies above the peer's, in dB; 0 where both are exact."""
    ours, theirs = mean(results), mean(rival)
    return 0.0 if ours == theirs else ours - theirs


def decibels(results: dict[str, float]) -> str:
    if len(results) == 1:
        return level(mean(results))
    return f"{level(mean(results))} (worst {level(min(results.values()))})"


def level(value: float) -> str:
    return "exact" if value == math.inf else f"{value:.1f}"


def explanations(models: dict) -> str:
    """Why models fall short, and what approximate imports lose."""
    open_names = [
        escaped(name) for name, one in models.items()
        if "quantize" not in one and not one.get("import", {}).get(DEVICES[0], {}).get("refused")]
    lines = ["- Not measured yet: " + ", ".join(open_names) + "."] if open_names else []
    for name, one in models.items():
        rival, quantized = best(one), one.get("quantize", {})
        short = [
            device for device in DEVICES
            if rival and "results" in quantized.get(device, {}) and gain(quantized[device]["results"], rival) < 0]
        if short:
            lines.append(f"- {escaped(name)} falls short on {' and '.join(short)}: {SHORTFALLS.get(name, 'not yet explained.')}")
        for device in DEVICES:
            numbers = quantized.get(device, {})
            if "failed" in numbers:
                lines.append(f"- {escaped(name)} fails on {device}: {escaped(numbers['failed'].rpartition('/')[2])}.")
            if "own" in numbers:
                lines.append(
                    f"- {escaped(name)} is imported approximately: in float {level(mean(numbers['approximation']))} dB of the original; "
                    f"quantized for {device} {level(mean(numbers['own']))} dB of that float network.")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


# Detections.

DETECTION_HEADINGS = ["model", "T40", "faces", "AP50", "AP75", "precision", "recall", "training, seconds"]


def detection_rows(detected: dict) -> list[list[str]]:
    rows = []
    for name, ways in detected.items():
        if "failed" in ways:
            continue
        for way, numbers in ways.items():
            if "failed" in numbers:
                rows.append([escaped(name), way, "-", "failed", "", "", "", ""])
                continue
            seconds = f"{numbers['trainingSeconds']:.0f}" if "trainingSeconds" in numbers else "-"
            shares = [f"{numbers[share]:.4f}" for share in ("ap50", "ap75", "precision", "recall")]
            rows.append([escaped(name), way, str(numbers["faces"]), *shares, seconds])
    return rows


# Inputs.


def input_rows(models: dict) -> list[list[str]]:
    rows = []
    for name in models:
        one = convention(name)
        rows.append([escaped(name), f"(x - {one.mean:g}) / {one.divisor:g}", one.colours, escaped(one.source)])
    return rows
