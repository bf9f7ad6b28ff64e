#!/usr/bin/env python3
"""Writes what pycocotools says of random and of real boxes, for the tests of the measure to compare with.

  Benchmarks/coco_reference.py random --sets 40 --seed 1 > Tests/Fixtures/COCO/detections.json
  Benchmarks/coco_reference.py real --data DIR > FILE

A set has pictures with boxes that were found and boxes that are there, and the numbers that follow. The random sets have
crowds, ignored objects, equal scores, empty pictures and classes without objects; the real ones are the annotations of
the folders bccd and coco128 in DIR, each box moved at random. NumPy and pycocotools are needed.
"""
import argparse
import contextlib
import io
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Evaluation(COCOeval):
    """COCO's evaluation, in which an object that is no crowd can also be left out."""

    def _prepare(self):
        super()._prepare()
        for objects in self._gts.values():
            for item in objects:
                item["ignore"] = item["iscrowd"] or item["left_out"]


def evaluation(pictures, classes):
    """Of pictures as a file has them: found [left, top, right, bottom, class, score], truth [..., class, ignored, crowd, area]."""
    truth = {
        "images": [{"id": index + 1} for index in range(len(pictures))], "annotations": [],
        "categories": [{"id": label} for label in range(classes)]}
    found, scales = [], []
    for index, picture in enumerate(pictures):
        for left, top, right, bottom, label, ignored, crowd, area in picture["truth"]:
            size = (right - left) * (bottom - top) * picture["scale"]
            truth["annotations"].append({
                "id": len(truth["annotations"]) + 1, "image_id": index + 1, "category_id": label,
                "bbox": [left, top, right - left, bottom - top], "area": size if area is None else area,
                "iscrowd": crowd, "left_out": ignored})
        for left, top, right, bottom, label, score in picture["found"]:
            found.append({
                "image_id": index + 1, "category_id": label, "bbox": [left, top, right - left, bottom - top],
                "score": score})
            scales.append(picture["scale"])
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO()
        data.dataset = truth
        data.createIndex()
        results = COCO()
        results.dataset = dict(truth, annotations=[
            dict(item, id=index + 1, iscrowd=0, area=item["bbox"][2] * item["bbox"][3] * scale)
            for index, (item, scale) in enumerate(zip(found, scales))])
        results.createIndex()
        run = Evaluation(data, results, "bbox")
        run.evaluate()
        run.accumulate()
    return run


def mean(values):
    """The mean of what is there; None where nothing is."""
    values = np.asarray(values)
    values = values[values > -1]
    return float(values.mean()) if values.size else None


def best_point(run, label):
    """Recall and precision at the score from which on their harmonic mean is largest, at an overlap of .50."""
    pictures = len(run.params.imgIds)
    judged = [item for item in run.evalImgs[label * 4 * pictures:(label * 4 + 1) * pictures] if item]
    objects = sum(int((~np.asarray(item["gtIgnore"]).astype(bool)).sum()) for item in judged)
    if objects == 0:
        return None, None
    scores = np.concatenate([item["dtScores"] for item in judged])
    ignored = np.concatenate([item["dtIgnore"][0] for item in judged]).astype(bool)
    right = np.concatenate([item["dtMatches"][0] for item in judged]) > 0
    best = (0.0, 0.0, 0.0)
    for score in sorted(set(scores), reverse=True):
        counted = (scores >= score) & ~ignored
        if not (counted & right).any():
            continue
        recall, precision = (counted & right).sum() / objects, (counted & right).sum() / counted.sum()
        f1 = 2 * (counted & right).sum() / (objects + counted.sum())
        if f1 > best[0]:
            best = (f1, recall, precision)
    return float(best[1]), float(best[2])


def overlap(a, b, crowd):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = (a[2] - a[0]) * (a[3] - a[1])
    return width * height / (area if crowd else area + (b[2] - b[0]) * (b[3] - b[1]) - width * height)


def voc_average(pictures, label):
    """Pascal VOC's average precision over all points at an overlap of .50, of the 100 best boxes a picture."""
    found, objects = [], 0
    for index, picture in enumerate(pictures):
        truth = [item for item in picture["truth"] if item[4] == label]
        objects += sum(not item[5] and not item[6] for item in truth)
        boxes = sorted((item for item in picture["found"] if item[4] == label), key=lambda item: -item[5])[:100]
        found += [(box, truth, index) for box in boxes]
    if objects == 0:
        return None
    taken, right, wrong = set(), [0.0], [0.0]
    for box, truth, index in sorted(found, key=lambda item: -item[0][5]):
        overlaps = [overlap(box, item, item[6]) for item in truth]
        place = int(np.argmax(overlaps)) if overlaps else -1
        is_right = place >= 0 and overlaps[place] >= 0.5
        if is_right and (truth[place][5] or truth[place][6]):
            continue
        is_right = is_right and (index, place) not in taken
        if is_right:
            taken.add((index, place))
        right.append(right[-1] + is_right)
        wrong.append(wrong[-1] + (not is_right))
    right, wrong = np.asarray(right[1:]), np.asarray(wrong[1:])
    recall = np.concatenate([[0], right / objects, [1]])
    precision = np.concatenate([[0], right / np.maximum(right + wrong, 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.flatnonzero(recall[1:] != recall[:-1])
    return float(((recall[steps + 1] - recall[steps]) * precision[steps + 1]).sum())


def judged(pictures, classes):
    """A set: the pictures and what follows."""
    run = evaluation(pictures, classes)
    # Axes of precision: overlap, recall, class, area, limit; of recall: overlap, class, area, limit.
    precision, recall = run.eval["precision"][..., 2], run.eval["recall"][..., 2]
    rows = []
    for label in range(classes):
        point = best_point(run, label)
        rows.append({
            "ap": mean(precision[:, :, label, 0]), "ap50": mean(precision[0, :, label, 0]),
            "ap75": mean(precision[5, :, label, 0]), "apSmall": mean(precision[:, :, label, 1]),
            "apMedium": mean(precision[:, :, label, 2]), "apLarge": mean(precision[:, :, label, 3]),
            "recall100": mean(recall[:, label, 0]), "largestRecall": mean(recall[:1, label, 0]),
            "recall": point[0], "precision": point[1], "voc50": voc_average(pictures, label),
            "curve": [round(value, 10) for value in precision[0, ::10, label, 0] if value > -1]})
    return {
        "classes": classes, "pictures": pictures,
        "map": mean(precision[:, :, :, 0]), "map50": mean(precision[0, :, :, 0]),
        "map75": mean(precision[5, :, :, 0]), "mapSmall": mean(precision[:, :, :, 1]),
        "mapMedium": mean(precision[:, :, :, 2]), "mapLarge": mean(precision[:, :, :, 3]),
        "recall100": mean(recall[:, :, 0]), "byClass": rows}


def single(value):
    """As single precision has it."""
    return float(np.float32(value))


def moved(random, box, by):
    """A box with each side moved by a share of its size; quarters of a pixel, so that equal overlaps stay equal."""
    left, top, right, bottom = box
    sides = random.normal(0, by, 4) * [right - left, bottom - top, right - left, bottom - top]
    left, top, right, bottom = (float(np.round(4 * side) / 4) for side in np.asarray(box) + sides)
    return [left, top, max(right, left + 1), max(bottom, top + 1)]


def found_for(random, truth, classes, ties):
    """Boxes near those that are there, and others; some twice, some of the wrong class."""
    found = []

    def add(box, label):
        score = random.integers(1, 8) / 8 if ties else single(random.uniform(0.01, 1))
        found.append([*box, int(label), float(score)])

    for item in truth:
        for _ in range(random.choice([0, 1, 1, 1, 2, 6 if item[6] else 3])):
            wrong = random.uniform() < 0.1
            add(moved(random, item[:4], random.choice([0, 0.03, 0.1, 0.25])),
                random.integers(classes) if wrong else item[4])
    for _ in range(random.poisson(1.5)):
        left, top, width, height = random.integers(0, 200, 4)
        add([float(left), float(top), float(left + width + 1), float(top + height + 1)], random.integers(classes))
    random.shuffle(found)
    return found


def random_set(seed):
    random = np.random.default_rng(seed)
    classes = int(random.integers(1, 5))
    ties, crowds = random.uniform() < 0.4, random.uniform() < 0.5
    pictures = []
    for _ in range(random.integers(1, 7)):
        truth = []
        for _ in range(0 if random.uniform() < 0.15 else random.integers(1, 7)):
            size = random.choice([12, 40, 120])
            left, top = random.integers(0, 200, 2)
            width, height = random.integers(size // 2, 2 * size, 2)
            crowd = bool(crowds and random.uniform() < 0.2)
            ignored = bool(random.uniform() < 0.1)
            area = float(np.round(width * height * random.uniform(0.3, 1))) if random.uniform() < 0.5 else None
            # The last class has objects only now and then.
            label = int(random.integers(max(1, classes - int(random.uniform() < 0.9))))
            truth.append([
                float(left), float(top), float(left + width), float(top + height), label, ignored, crowd, area])
        found = found_for(random, truth, classes, ties)
        if seed % 20 == 7:
            # More boxes of a class than count.
            for _ in range(130):
                box = [float(side) for side in random.integers(0, 100, 2)]
                found.append([*box, box[0] + 30, box[1] + 30, 0, single(random.uniform(0.01, 1))])
        pictures.append({"found": found, "truth": truth, "scale": float(random.choice([1, 1, 0.25, 4]))})
    return judged(pictures, classes)


def bccd(folder):
    """Boxes by picture, and how many classes there are."""
    names, pictures = {}, []
    for path in sorted((folder / "Annotations").glob("*.xml")):
        truth = []
        for item in ElementTree.parse(path).getroot().iter("object"):
            label = names.setdefault(item.findtext("name"), len(names))
            box = [float(item.find("bndbox").findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
            if box[2] > box[0] and box[3] > box[1]:
                truth.append([*box, label, item.findtext("difficult") == "1", False, None])
        pictures.append(truth)
    return pictures, len(names)


def coco128(folder):
    """Boxes by picture, as if each had 640 x 480 pixels, and how many classes there are."""
    pictures, classes = [], 0
    for path in sorted((folder / "labels").rglob("*.txt")):
        truth = []
        for line in path.read_text().splitlines():
            label, x, y, width, height = (float(word) for word in line.split())
            sides = [(x - width / 2) * 640, (y - height / 2) * 480, (x + width / 2) * 640, (y + height / 2) * 480]
            truth.append([*(single(side) for side in sides), int(label), False, False, None])
            classes = max(classes, int(label) + 1)
        pictures.append(truth)
    return pictures, classes


def real_set(pictures, classes, seed):
    random = np.random.default_rng(seed)
    return judged(
        [{"found": found_for(random, truth, classes, False), "truth": truth, "scale": 1.0} for truth in pictures],
        classes)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("random", help="random boxes")
    command.add_argument("--sets", type=int, default=40)
    command.add_argument("--seed", type=int, default=1)
    command = commands.add_parser("real", help="the boxes of real data, moved")
    command.add_argument("--data", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if arguments.command == "random":
        sets = [random_set(arguments.seed * 100_000 + index) for index in range(arguments.sets)]
    else:
        sets = [
            real_set(*read(arguments.data / name), seed)
            for name, read in (("bccd", bccd), ("coco128", coco128)) if (arguments.data / name).exists()
            for seed in (1, 2)]
    text = ",\n".join(json.dumps(item, separators=(",", ":")) for item in sets)
    sys.stdout.write(f"[\n{text}\n]\n")


main()
