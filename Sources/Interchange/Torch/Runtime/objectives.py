import bisect

import torch
import torch.nn.functional as F
from torch import distributed

# What training makes small and an evaluation measures, by the network's task.


def objective_of(network, plan):
    """What the network's results are compared with."""
    kind = "classification" if network.task is None else network.task["kind"]
    if plan["loss"] == "distillation" or kind == "classification":
        return LabelObjective(network, plan)
    if plan["loss"] != kind:
        raise Fault(f"the loss {plan['loss']} is none of {kind}; --loss {kind} is")
    objectives = {"detection": BoxObjective, "segmentation": MaskObjective, "regression": NumberObjective}
    return objectives[kind](network, plan)


def gathered(rows):
    """The rows of all processes."""
    if not distributed.is_initialized():
        return rows
    every = [None] * distributed.get_world_size()
    distributed.all_gather_object(every, rows)
    return [row for part in every for row in part]


def score_of(measures):
    """What is the larger the better."""
    return -measures["error"] if measures["accuracy"] is None else measures["accuracy"]


class LabelObjective:
    """One vector of scores against labels, or all results against a teacher's."""

    def __init__(self, network, plan):
        self.loss_name, self.smoothing = plan["loss"], plan.get("labelSmoothing", 0.0)

    def check(self, results, data):
        if self.loss_name == "distillation":
            return
        if len(results) != 1 or results[0].flatten(1).shape[1] < data.classes:
            raise Fault(f"labels need one vector of at least {data.classes} scores")

    def loss(self, results, labels, wanted=None):
        """The mean loss, and how many answers are right."""
        return loss_of(self.loss_name, results, labels, wanted, self.smoothing)

    def rows(self, results, labels):
        """What a batch says about each sample, for `measured`."""
        return (results[0].flatten(1).argmax(1) == labels).tolist()

    def measured(self, rows):
        return {"accuracy": sum(rows) / max(1, len(rows))}


class BoxObjective:
    """Boxes, read from the results that the task's heads name."""

    def __init__(self, network, plan):
        ((_, *input),) = network.inputs.values()
        self.names, self.classes = network.results, len(network.task["classes"])
        self.detection = Detection(network.task, input, plan.get("labelSmoothing", 0.0))

    def check(self, results, data):
        pass

    def loss(self, results, boxes, wanted=None):
        parts = self.detection.loss(dict(zip(self.names, results)), [sample[:3] for sample in boxes])
        return parts.sum(), None

    def rows(self, results, boxes):
        found = self.detection.boxes(dict(zip(self.names, results)))
        return [matched(mine, sample) for mine, sample in zip(found, boxes)]

    def measured(self, rows):
        measures = average_precision(rows, self.classes)
        return {"accuracy": measures["map50"]} | measures


THRESHOLDS = [0.5 + 0.05 * step for step in range(10)]


def matched(found, right):
    """What one picture adds to the precision: for each class its judged objects, and for each box its score and, by
    threshold, 1 where it found an object, 0 where it did not, nothing where it is not judged. COCO's rules."""
    boxes, labels, ignored, _, crowds = (part.cpu() for part in right)
    result = {}
    for label in set(labels.tolist()) | set(found[:, 4].long().tolist()):
        mine = found[found[:, 4] == label]
        places = (labels == label).nonzero()[:, 0]
        # Those that are not judged come last.
        places = places[ignored[places].long().argsort(stable=True)]
        sides = boxes[places].to(mine)
        shares = overlaps(mine[:, None, :4], sides)
        is_crowd, is_ignored = crowds[places].tolist(), ignored[places].tolist()
        low, high = torch.maximum(mine[:, None, :2], sides[:, :2]), torch.minimum(mine[:, None, 2:4], sides[:, 2:])
        areas = (mine[:, 2:4] - mine[:, :2]).prod(-1).clamp(min=1e-12)
        in_crowd = (high - low).clamp(min=0).prod(-1) / areas[:, None]
        shares = torch.where(crowds[places], in_crowd, shares).tolist()
        answers = [[0] * len(THRESHOLDS) for _ in shares]
        for column, threshold in enumerate(THRESHOLDS):
            is_taken = [False] * len(places)
            for row, overlap in enumerate(shares):
                best, most = None, min(threshold, 1 - 1e-10)
                for place, share in enumerate(overlap):
                    if is_taken[place] and not is_crowd[place]:
                        continue
                    if best is not None and is_ignored[place] and not is_ignored[best]:
                        break
                    if share >= most:
                        best, most = place, share
                if best is not None:
                    is_taken[best] = True
                    answers[row][column] = None if is_ignored[best] else 1
        result[label] = (len(places) - sum(is_ignored), list(zip(mine[:, 5].tolist(), answers)))
    return result


def average_precision(rows, classes):
    """The mean over classes of precision at 101 recalls: at an overlap of .5, and from .5 to .95."""
    means = []
    for label in range(classes):
        here = [row[label] for row in rows if label in row]
        count = sum(objects for objects, _ in here)
        if not count:
            continue
        boxes = sorted((box for _, found in here for box in found), key=lambda box: -box[0])
        by_threshold = []
        for column in range(len(THRESHOLDS)):
            right, recalls, precisions = 0, [], []
            for seen, answer in enumerate((a[column] for _, a in boxes if a[column] is not None), 1):
                right += answer
                recalls.append(right / count)
                precisions.append(right / seen)
            for place in range(len(precisions) - 2, -1, -1):
                precisions[place] = max(precisions[place], precisions[place + 1])
            places = (bisect.bisect_left(recalls, step / 100) for step in range(101))
            by_threshold.append(sum(precisions[place] for place in places if place < len(recalls)) / 101)
        means.append(by_threshold)
    if not means:
        return {"map50": 0.0, "map": 0.0}
    return {
        "map50": sum(mean[0] for mean in means) / len(means),
        "map": sum(sum(mean) / len(mean) for mean in means) / len(means),
    }


class MaskObjective:
    """A class for every pixel; pixels of 255 are not judged."""

    def __init__(self, network, plan):
        self.classes = len(network.task["classes"])

    def check(self, results, data):
        if len(results) != 1 or results[0].dim() != 4 or results[0].shape[1] not in (1, self.classes):
            raise Fault(f"masks need one map of {self.classes} channels")

    def sampled(self, results, masks):
        """The masks at the size of the map: the pixel where each cell begins."""
        height, width = results[0].shape[2:]
        rows = torch.arange(height, device=masks.device) * masks.shape[1] // height
        columns = torch.arange(width, device=masks.device) * masks.shape[2] // width
        return masks[:, rows][:, :, columns].long()

    def loss(self, results, masks, wanted=None):
        scores, labels = results[0], self.sampled(results, masks)
        is_judged = labels != 255
        if scores.shape[1] == 1:
            entropy = F.binary_cross_entropy_with_logits(scores[:, 0], (labels == 1).to(scores), reduction="none")
        else:
            entropy = F.cross_entropy(scores, labels, ignore_index=255, reduction="none")
        return (entropy * is_judged).sum() / is_judged.sum().clamp(min=1), None

    def rows(self, results, masks):
        scores, labels = results[0], self.sampled(results, masks)
        answers = (scores[:, 0] > 0).long() if scores.shape[1] == 1 else scores.argmax(1)
        pairs = labels * self.classes + answers
        return [
            torch.bincount(pair[label != 255], minlength=self.classes**2).tolist() for pair, label in zip(pairs, labels)]

    def measured(self, rows):
        table = torch.tensor(rows, dtype=torch.float64).sum(0).reshape(self.classes, self.classes)
        shared = table.diagonal()
        union = table.sum(0) + table.sum(1) - shared
        share = (shared[union > 0] / union[union > 0]).mean().item()
        return {"accuracy": share, "miou": share}


class NumberObjective:
    """Numbers, by smooth L1."""

    def __init__(self, network, plan):
        pass

    def check(self, results, data):
        if len(results) != 1:
            raise Fault("numbers need one result")

    def loss(self, results, numbers, wanted=None):
        return F.smooth_l1_loss(results[0].flatten(1), numbers), None

    def rows(self, results, numbers):
        return (results[0].flatten(1) - numbers).abs().mean(1).tolist()

    def measured(self, rows):
        return {"accuracy": None, "error": sum(rows) / max(1, len(rows))}
