import math

import torch
import torch.nn.functional as F

# Detection: from outputs to boxes, and how far boxes are from the right ones.

LARGEST_EXPONENT, LEAST, CANDIDATES = 10.0, 1e-7, 1000


def stride_of(pixels, cells):
    """The power of two that makes so many cells of the pixels, else the quotient."""
    stride = 1
    while -(-pixels // stride) > cells:
        stride *= 2
    return float(stride) if -(-pixels // stride) == cells else pixels / cells


def overlaps(first, second):
    """Intersection over union of boxes; left, top, right, bottom on the last axis."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    union = (first[..., 2:] - first[..., :2]).prod(-1) + (second[..., 2:] - second[..., :2]).prod(-1) - shared
    return torch.where(shared > 0, shared / union.clamp(min=1e-12), torch.zeros_like(shared))


def agreement(boxes, right, is_complete):
    """GIoU or CIoU of pairs of boxes."""
    low, high = torch.maximum(boxes[:, :2], right[:, :2]), torch.minimum(boxes[:, 2:], right[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    size, right_size = boxes[:, 2:] - boxes[:, :2], right[:, 2:] - right[:, :2]
    union = size.prod(-1) + right_size.prod(-1) - shared + LEAST
    around = torch.maximum(boxes[:, 2:], right[:, 2:]) - torch.minimum(boxes[:, :2], right[:, :2])
    overlap = shared / union
    if not is_complete:
        return overlap + union / (around.prod(-1) + LEAST) - 1
    apart = (boxes[:, :2] + boxes[:, 2:] - right[:, :2] - right[:, 2:]) / 2
    distance = apart.square().sum(-1) / (around.square().sum(-1) + LEAST)
    angle = torch.atan2(size[:, 0], size[:, 1]) - torch.atan2(right_size[:, 0], right_size[:, 1])
    difference = 4 / math.pi**2 * angle.square()
    with torch.no_grad():
        factor = difference / (1 - overlap + difference + LEAST)
    return overlap - distance - factor * difference


def sided(centre, size):
    return torch.cat([centre - size / 2, centre + size / 2], -1)


class Objects:
    """The objects of a batch in one row: boxes (left, top, right, bottom) of at least one pixel, classes, samples.

    `pictures` holds for each sample boxes, classes, and which of them are ignored; those are in `ignored` alone.
    """

    def __init__(self, pictures, like):
        self.count = len(pictures)
        boxes, labels, ignored, samples = [], [], [], []
        for sample, (sides, classes, is_ignored) in enumerate(pictures):
            boxes.append(sides.reshape(-1, 4).to(like))
            labels.append(classes.reshape(-1).to(like.device, torch.long))
            ignored.append(is_ignored.reshape(-1).to(like.device, torch.bool))
            samples.append(torch.full((len(labels[-1]),), sample, dtype=torch.long, device=like.device))
        boxes, labels, ignored, samples = (torch.cat(part) for part in (boxes, labels, ignored, samples))
        centre = (boxes[:, :2] + boxes[:, 2:]) / 2
        boxes = sided(centre, (boxes[:, 2:] - boxes[:, :2]).clamp(min=1))
        self.boxes, self.labels, self.samples = boxes[~ignored], labels[~ignored], samples[~ignored]
        self.ignored, self.ignored_samples = boxes[ignored], samples[ignored]

    def of(self, sample):
        places = self.samples == sample
        return self.boxes[places], self.labels[places]

    def are_ignored(self, middles):
        """Which places, x and y, lie in an ignored object; axes sample, place."""
        found = torch.zeros(self.count, len(middles), dtype=torch.bool, device=middles.device)
        for box, sample in zip(self.ignored, self.ignored_samples.tolist()):
            found[sample] |= inside(middles, box)
        return found


def inside(middles, boxes):
    return ((middles > boxes[..., :2]) & (middles < boxes[..., 2:])).all(-1)


class Map:
    """A head of the task on its map: boxes and scores of the cells, row by row."""

    def __init__(self, head, classes, input, outputs):
        self.head, self.classes, self.outputs = head, classes, outputs
        name = head["layer"] if head["kind"] in ("yolov3", "yolov5") else head["scores"]
        layer = outputs[name if isinstance(name, str) else name["layer"]]
        self.height, self.width = layer.shape[2:]
        if head["kind"] == "ssd":
            # Priors divide the picture evenly.
            stride = input[1] / self.width, input[0] / self.height
        else:
            stride = stride_of(input[1], self.width), stride_of(input[0], self.height)
        self.stride = layer.new_tensor(stride)
        rows, columns = torch.meshgrid(
            torch.arange(self.height, device=layer.device), torch.arange(self.width, device=layer.device),
            indexing="ij")
        self.cells = torch.stack([columns.flatten(), rows.flatten()], -1).to(layer)
        self.middles = (self.cells + 0.5) * self.stride
        self.sizes = layer.new_tensor(head.get("anchors") or head.get("priors") or [])
        self.bins = head.get("bins", 0)

    def part(self, name, count):
        """Channels of a layer, axes sample, cell, channel."""
        part = self.head[name]
        layer, first = (part, 0) if isinstance(part, str) else (part["layer"], part.get("from", 0))
        return self.outputs[layer][:, first : first + count].flatten(2).transpose(1, 2)

    # Heads with anchors.

    def anchored(self):
        """The numbers of all anchors, axes sample, cell, anchor, number."""
        numbers = self.part("layer", len(self.sizes) * (5 + self.classes))
        return numbers.reshape(*numbers.shape[:2], len(self.sizes), 5 + self.classes)

    def anchor_boxes(self, numbers, cells, anchors):
        """Boxes from the first four numbers of anchors in cells."""
        centre = numbers[..., :2].sigmoid()
        if self.head["kind"] == "yolov5":
            return sided((2 * centre - 0.5 + cells) * self.stride, 4 * numbers[..., 2:4].sigmoid().square() * anchors)
        return sided((centre + cells) * self.stride, numbers[..., 2:4].clamp(max=LARGEST_EXPONENT).exp() * anchors)

    # Heads with priors.

    def priors(self):
        """The priors of all cells, axes prior, number."""
        middles = self.middles[:, None].expand(-1, len(self.sizes), -1)
        return sided(middles, self.sizes.expand(len(middles), -1, -1)).reshape(-1, 4)

    def prior_numbers(self):
        """Scores and boxes of the priors, axes sample, prior, number."""
        count = len(self.sizes)
        scores, boxes = self.part("scores", count * (1 + self.classes)), self.part("boxes", count * 4)
        return scores.reshape(len(scores), -1, 1 + self.classes), boxes.reshape(len(boxes), -1, 4)

    def prior_boxes(self, numbers):
        centre, size = self.head.get("variances", (0.1, 0.2))
        priors = self.priors()
        sizes = priors[:, 2:] - priors[:, :2]
        centres = (priors[:, :2] + priors[:, 2:]) / 2 + numbers[..., :2] * centre * sizes
        return sided(centres, sizes * (numbers[..., 2:] * size).clamp(max=LARGEST_EXPONENT).exp())

    # Heads without anchors.

    def distance_numbers(self):
        return self.part("boxes", 4 * max(1, self.bins))

    def distance_boxes(self, numbers):
        if self.head.get("coding", "sides") == "centre":
            size = numbers[..., 2:].clamp(max=LARGEST_EXPONENT).exp() * self.stride
            return sided((numbers[..., :2] + self.cells) * self.stride, size)
        if self.bins:
            shares = numbers.reshape(*numbers.shape[:-1], 4, self.bins).softmax(-1)
            distances = shares @ torch.arange(self.bins, device=shares.device, dtype=shares.dtype)
        else:
            # A distance below 0 counts as 0, and learns as if it were none.
            distances = numbers + (numbers.clamp(min=0) - numbers).detach()
        return torch.cat([self.middles - distances[..., :2] * self.stride,
                          self.middles + distances[..., 2:] * self.stride], -1)

    def objectness(self):
        return self.part("objectness", 1)[..., 0] if self.head.get("objectness") else None

    # Every head.

    @torch.no_grad()
    def found(self):
        """Boxes, axes sample, place, number, and their scores, axes sample, place, class."""
        if self.head["kind"] == "ssd":
            scores, boxes = self.prior_numbers()
            return self.prior_boxes(boxes), scores.softmax(-1)[..., 1:]
        if self.head["kind"] == "distances":
            scores, objectness = self.part("scores", self.classes).sigmoid(), self.objectness()
            if objectness is not None:
                scores = scores * objectness.sigmoid()[..., None]
            return self.distance_boxes(self.distance_numbers()), scores
        numbers = self.anchored()
        boxes = self.anchor_boxes(numbers, self.cells[:, None], self.sizes)
        scores = numbers[..., 4:5].sigmoid() * numbers[..., 5:].sigmoid()
        return boxes.flatten(1, 2), scores.flatten(1, 2)


class Detection:
    """A detection task for an input of so many rows and columns. Outputs by layer have axes sample, channel, y, x."""

    def __init__(self, task, input, smoothing=0.0):
        self.heads, self.classes = task["heads"], len(task["classes"])
        self.input, self.smoothing = input, smoothing

    def maps(self, outputs):
        return [Map(head, self.classes, self.input, outputs) for head in self.heads]

    def loss(self, outputs, pictures):
        """The mean loss over a batch: of boxes, of objectness and of classes."""
        maps = self.maps(outputs)
        objects = Objects(pictures, next(iter(outputs.values())))
        losses = []
        for kind in ("yolov3", "yolov5"):
            losses.append(([m for m in maps if m.head["kind"] == kind], self.anchor_loss))
        losses.append(([m for m in maps if m.head["kind"] == "ssd"], self.prior_loss))
        free = [m for m in maps if m.head["kind"] == "distances"]
        losses.append(([m for m in free if m.head.get("objectness")], self.transport_loss))
        losses.append(([m for m in free if not m.head.get("objectness")], self.adaptive_loss))
        return sum(torch.stack(loss(maps, objects)) for maps, loss in losses if maps)

    # YOLOv3 and YOLOv5.

    def anchor_loss(self, maps, objects):
        is_fifth = maps[0].head["kind"] == "yolov5"
        chosen = [self.by_ratio(m, objects) for m in maps] if is_fifth else self.by_size(maps, objects)
        order = sorted(range(len(maps)), key=lambda place: -len(maps[place].cells))
        balance = [1.0] if len(maps) == 1 else [4.0, 1.0, 0.4]
        area = self.input[0] * self.input[1] / 640**2
        box, objectness, classes = 0.0, 0.0, 0.0
        for place, (m, (targets, cells, anchors)) in enumerate(zip(maps, chosen)):
            numbers = m.anchored()
            samples, right = objects.samples[targets], objects.boxes[targets]
            wanted = numbers.new_zeros(numbers.shape[:-1])
            is_judged = ~objects.are_ignored(m.middles)[:, :, None].expand_as(wanted)
            if not is_fifth:
                with torch.no_grad():
                    boxes = m.anchor_boxes(numbers, m.cells[:, None], m.sizes)
                    for sample, other in zip(objects.samples.tolist(), objects.boxes):
                        is_judged[sample] &= overlaps(boxes[sample], other) <= 0.5
            mine = numbers[samples, cells, anchors]
            agreed = agreement(m.anchor_boxes(mine, m.cells[cells], m.sizes[anchors]), right, is_fifth)
            is_judged[samples, cells, anchors] = True
            target = agreed.detach().clamp(min=0) if is_fifth else torch.ones_like(agreed)
            flat = (samples * len(m.cells) + cells) * len(m.sizes) + anchors
            wanted.view(-1).scatter_reduce_(0, flat, target, "amax")
            entropy = F.binary_cross_entropy_with_logits(numbers[..., 4], wanted, reduction="none")
            weight = 20 * area * balance[min(order.index(place), 2)]
            objectness = objectness + weight * (entropy * is_judged).sum() / entropy.numel()
            count = max(1, len(targets))
            box = box + (1 - agreed).sum() / count
            answers = torch.full_like(mine[:, 5:], self.smoothing / 2)
            answers[torch.arange(len(targets)), objects.labels[targets]] = 1 - self.smoothing / 2
            entropy = F.binary_cross_entropy_with_logits(mine[:, 5:], answers, reduction="sum")
            classes = classes + self.classes / 8 * entropy / (count * self.classes)
        return box / len(maps), objectness / len(maps), classes / len(maps)

    def by_ratio(self, m, objects):
        """Objects, cells and anchors whose sizes differ by less than 4; the centre's cell and its nearest neighbours."""
        ratio = (objects.boxes[:, 2:] - objects.boxes[:, :2])[:, None] / m.sizes
        targets, anchors = (torch.maximum(ratio, 1 / ratio).amax(-1) < 4).nonzero(as_tuple=True)
        column, row, across, down = self.centre(m, objects.boxes[targets])
        moves = [
            (torch.ones_like(across, dtype=torch.bool), 0), ((across < 0.5) & (column > 0), -1),
            ((across > 0.5) & (column < m.width - 1), 1), ((down < 0.5) & (row > 0), -m.width),
            ((down > 0.5) & (row < m.height - 1), m.width),
        ]
        cells = row * m.width + column
        return (
            torch.cat([targets[mask] for mask, _ in moves]), torch.cat([cells[mask] + move for mask, move in moves]),
            torch.cat([anchors[mask] for mask, _ in moves]))

    def by_size(self, maps, objects):
        """The one anchor of all maps whose size overlaps most with an object's, in the cell of its centre."""
        size = (objects.boxes[:, 2:] - objects.boxes[:, :2])[:, None]
        sizes = torch.cat([m.sizes for m in maps])
        shared = torch.minimum(size, sizes).prod(-1)
        best = (shared / (size.prod(-1) + sizes.prod(-1) - shared)).argmax(-1)
        chosen, first = [], 0
        for m in maps:
            targets = ((best >= first) & (best < first + len(m.sizes))).nonzero()[:, 0]
            column, row, _, _ = self.centre(m, objects.boxes[targets])
            chosen.append((targets, row * m.width + column, best[targets] - first))
            first += len(m.sizes)
        return chosen

    def centre(self, m, boxes):
        """Column and row of the centres' cells, and where in the cell they are."""
        centre = (boxes[:, :2] + boxes[:, 2:]) / 2 / m.stride
        fraction = centre - centre.floor()
        column = centre[:, 0].long().clamp(0, m.width - 1)
        return column, centre[:, 1].long().clamp(0, m.height - 1), fraction[:, 0], fraction[:, 1]

    # SSD.

    def prior_loss(self, maps, objects):
        least = 0.35 if self.classes == 1 else 0.5
        priors = torch.cat([m.priors() for m in maps])
        numbers = [m.prior_numbers() for m in maps]
        scores, boxes = (torch.cat(part, 1) for part in zip(*numbers))
        variances = torch.cat([
            priors.new_tensor([m.head.get("variances", (0.1, 0.2))]).expand(len(m.priors()), 2) for m in maps])
        sizes, middles = priors[:, 2:] - priors[:, :2], (priors[:, :2] + priors[:, 2:]) / 2
        ignored = objects.are_ignored(middles)
        box, classes, positives = 0.0, 0.0, 0
        for sample in range(objects.count):
            right, labels = objects.of(sample)
            answers = torch.zeros(len(priors), dtype=torch.long, device=priors.device)
            owners = torch.full_like(answers, -1)
            if len(right):
                overlap = overlaps(priors[:, None], right)
                largest, owner = overlap.max(1)
                owners = torch.where(largest >= least, owner, owners)
                best, places = overlap.max(0)
                for place in best.argsort(stable=True).tolist():
                    owners[places[place]] = place
            mine = (owners >= 0).nonzero()[:, 0]
            positives += len(mine)
            if len(mine):
                answers[mine] = 1 + labels[owners[mine]]
                target = right[owners[mine]]
                offset = (target[:, :2] + target[:, 2:]) / 2 - middles[mine]
                centre = offset / (variances[mine, :1] * sizes[mine])
                size = ((target[:, 2:] - target[:, :2]) / sizes[mine]).log() / variances[mine, 1:]
                box = box + F.smooth_l1_loss(boxes[sample, mine], torch.cat([centre, size], -1), reduction="sum")
            logs = scores[sample].log_softmax(-1)
            losses = -(1 - self.smoothing) * logs.gather(1, answers[:, None])[:, 0] - self.smoothing * logs.mean(-1)
            hardness = -logs[:, 0].detach()
            hardness[(owners >= 0) | ignored[sample]] = -1
            negatives = hardness.argsort(descending=True, stable=True)[: 3 * max(1, len(mine))]
            negatives = negatives[hardness[negatives] >= 0]
            classes = classes + losses[mine].sum() + losses[negatives].sum()
        share = 1 / max(1, positives)
        zero = scores.sum() * 0
        return box * share + zero, zero, classes * share + zero

    # Heads without anchors.

    def adaptive_loss(self, maps, objects):
        return self.distance_loss(maps, objects, self.adaptive, box_weight=2)

    def transport_loss(self, maps, objects):
        return self.distance_loss(maps, objects, self.transported, box_weight=5)

    def distance_loss(self, maps, objects, assigned, box_weight):
        middles = torch.cat([m.middles for m in maps])
        strides = torch.cat([m.stride.expand(len(m.middles), 2) for m in maps])
        scores = torch.cat([m.part("scores", self.classes) for m in maps], 1)
        boxes = torch.cat([m.distance_boxes(m.distance_numbers()) for m in maps], 1)
        objectness = None
        if maps[0].objectness() is not None:
            objectness = torch.cat([m.objectness() for m in maps], 1)
        owners = torch.full(scores.shape[:2], -1, dtype=torch.long, device=scores.device)
        for sample in range(objects.count):
            right, labels = objects.of(sample)
            if len(right):
                first = int((objects.samples < sample).sum())
                objectness_here = None if objectness is None else objectness[sample].detach()
                found = assigned(
                    maps, middles, strides, right, labels, boxes[sample].detach(), scores[sample].detach(),
                    objectness_here)
                owners[sample] = torch.where(found >= 0, found + first, found)
        samples, points = (owners >= 0).nonzero(as_tuple=True)
        targets = owners[samples, points]
        right, labels = objects.boxes[targets], objects.labels[targets]
        share = 1 / max(1, len(targets))
        mine = boxes[samples, points]
        box = box_weight * (1 - agreement(mine, right, False)).sum()
        overlap = overlaps(mine.detach(), right)
        start = 0
        for m in maps:
            if m.bins:
                here = (points >= start) & (points < start + len(m.middles))
                numbers = m.distance_numbers()[samples[here], points[here] - start].reshape(-1, m.bins)
                low = m.middles[points[here] - start] - right[here, :2]
                high = right[here, 2:] - m.middles[points[here] - start]
                distances = (torch.cat([low, high], -1) / m.stride.repeat(2)).reshape(-1)
                distances = distances.clamp(0, m.bins - 1.01)
                lower = distances.long()
                upper_share = distances - lower
                logs = numbers.log_softmax(-1)
                picked = logs.gather(1, lower[:, None])[:, 0], logs.gather(1, lower[:, None] + 1)[:, 0]
                box = box - 0.25 / 4 * ((1 - upper_share) * picked[0] + upper_share * picked[1]).sum()
            start += len(m.middles)
        is_judged = ~objects.are_ignored(middles) | (owners >= 0)
        zero = scores.sum() * 0
        wanted = torch.zeros_like(scores)
        wanted[samples, points, labels] = overlap
        if objectness is None:
            entropy = F.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
            quality = (scores.sigmoid() - wanted).square() * entropy
            return box * share, zero, (quality * is_judged[..., None]).sum() * share
        entropy = F.binary_cross_entropy_with_logits(
            objectness, (owners >= 0).to(objectness), reduction="none")
        classes = F.binary_cross_entropy_with_logits(
            scores[samples, points], wanted[samples, points], reduction="sum")
        return box * share, (entropy * is_judged).sum() * share, classes * share

    def adaptive(self, maps, middles, strides, right, labels, boxes, scores, objectness):
        """ATSS: for each point the object that it has to find, or -1."""
        centres = (right[:, :2] + right[:, 2:]) / 2
        squares = sided(middles, 8 * strides)
        candidates, start = [], 0
        for m in maps:
            distance = (m.middles - centres[:, None]).square().sum(-1)
            candidates.append(start + distance.sort(dim=-1, stable=True).indices[:, :9])
            start += len(m.middles)
        candidates = torch.cat(candidates, -1)
        overlap = overlaps(squares[candidates], right[:, None])
        spread = overlap.std(-1) if overlap.shape[1] > 1 else torch.zeros_like(overlap[:, 0])
        is_chosen = (overlap >= (overlap.mean(-1) + spread)[:, None]) & inside(middles[candidates], right[:, None])
        found = torch.full((len(middles),), -1, dtype=torch.long, device=middles.device)
        largest = torch.full((len(middles),), -1.0, device=middles.device, dtype=middles.dtype)
        for target in range(len(right)):
            if not is_chosen[target].any():
                is_chosen[target, overlap[target].argmax()] = True
            points, mine = candidates[target, is_chosen[target]], overlap[target, is_chosen[target]]
            is_better = mine > largest[points]
            found[points[is_better]], largest[points[is_better]] = target, mine[is_better]
        return found

    def transported(self, maps, middles, strides, right, labels, boxes, scores, objectness):
        """SimOTA: for each point the object that it has to find, or -1."""
        centres = (right[:, :2] + right[:, 2:]) / 2
        is_in = inside(middles, right[:, None])
        is_near = ((middles - centres[:, None]).abs() < 2.5 * strides).all(-1)
        points = (is_in | is_near).any(0).nonzero()[:, 0]
        found = torch.full((len(middles),), -1, dtype=torch.long, device=middles.device)
        if not len(points):
            return found
        is_both = (is_in & is_near)[:, points]
        overlap = overlaps(boxes[points], right[:, None])
        likely = (scores[points].sigmoid() * objectness[points].sigmoid()[:, None]).sqrt()
        likely = likely.clamp(LEAST, 1 - LEAST)
        absent = -torch.log1p(-likely).sum(-1)
        mine = likely[:, labels].T
        cost = absent + torch.log1p(-mine) - mine.log() - 3 * (overlap + 1e-8).log() + 1e5 * ~is_both
        counts = overlap.sort(dim=-1, descending=True).values[:, :10].sum(-1).long().clamp(min=1)
        is_taken = torch.zeros_like(cost, dtype=torch.bool)
        for target, count in enumerate(counts.tolist()):
            is_taken[target, cost[target].sort(stable=True).indices[:count]] = True
        takers = is_taken.sum(0)
        owner = torch.where(takers > 1, cost.argmin(0), is_taken.long().argmax(0))
        found[points] = torch.where(takers > 0, owner, -torch.ones_like(owner))
        return found

    # Reading boxes.

    @torch.no_grad()
    def boxes(self, outputs, threshold=0.001, overlap=0.6, limit=100):
        """For each sample what was found, best first: left, top, right, bottom, class, score."""
        found = [m.found() for m in self.maps(outputs)]
        boxes, scores = (torch.cat(part, 1) for part in zip(*found))
        height, width = self.input
        results = []
        for sides, values in zip(boxes, scores):
            places, labels = (values > threshold).nonzero(as_tuple=True)
            values = values[places, labels]
            order = values.argsort(descending=True, stable=True)[:CANDIDATES]
            sides, labels, values = sides[places[order]], labels[order], values[order]
            sides = torch.stack([sides[:, axis].clamp(0, (width, height)[axis % 2]) for axis in range(4)], -1)
            is_box = (sides[:, 2] > sides[:, 0]) & (sides[:, 3] > sides[:, 1]) & sides.isfinite().all(-1)
            sides, labels, values = sides[is_box].cpu(), labels[is_box].cpu(), values[is_box].cpu()
            hides = (overlaps(sides[:, None], sides) > overlap) & (labels[:, None] == labels)
            is_open, kept = torch.ones(len(sides), dtype=torch.bool), []
            for place in range(len(sides)):
                if is_open[place] and len(kept) < limit:
                    kept.append(place)
                    is_open &= ~hides[place]
            results.append(torch.cat([sides, labels[:, None].to(sides), values[:, None]], -1)[kept])
        return results
