import collections
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import torch

# Pictures with boxes, fitted and changed at random as magikbench does it.

COMPOSITION, COLOUR = 7, 8
GREY, CACHED_BYTES = 114, 256 << 20


class Pictures:
    """One split of pictures with boxes for an input of channels, rows and columns."""

    changes = {"flip", "vflip", "scale", "hsv", "mosaic"}

    def __init__(self, listed, shape, spec, fit, seed):
        self.listed, self.shape, self.spec, self.fit, self.seed = listed, shape, spec, fit, seed
        self.cache, self.held, self.lock = collections.OrderedDict(), 0, threading.Lock()
        self.taps = {}

    def __len__(self):
        return len(self.listed)

    def chosen(self, places):
        return type(self)([self.listed[place] for place in places], self.shape, self.spec, self.fit, self.seed)

    def picture(self, place):
        """A picture at the size that it has in the input: bytes by channel, row and column, and its objects there."""
        with self.lock:
            if place in self.cache:
                self.cache.move_to_end(place)
                return self.cache[place]
        found = self.placed(*self.listed[place])
        with self.lock:
            self.cache[place] = found
            self.held += found[0].numel()
            while self.held > CACHED_BYTES:
                self.held -= self.cache.popitem(last=False)[1][0].numel()
        return found

    def pixels_of(self, path):
        """A picture at the size that it has in the input; its own width and height."""
        with opened_picture(path) as opened:
            try:
                opened = opened.convert("RGB")
            except OSError as error:
                raise Fault(f"{path} does not decode: {error}") from error
            width, height = opened.size
            pixels = torch.frombuffer(bytearray(opened.tobytes()), dtype=torch.uint8).reshape(height, width, 3)
        pixels = self.scaled(pixels.permute(2, 0, 1))
        return coloured(pixels[None], self.shape)[0].contiguous(), width, height

    def placed(self, path, objects):
        pixels, width, height = self.pixels_of(path)
        factors = torch.tensor([pixels.shape[2] / width, pixels.shape[1] / height] * 2)
        boxes = torch.tensor([box for _, box, _, _, _ in objects]).reshape(-1, 4) * factors
        labels, ignored, crowds, areas = (
            torch.tensor([entry[index] for entry in objects], dtype=kind)
            for index, kind in ((0, torch.long), (2, torch.bool), (3, torch.bool), (4, torch.float32)))
        return pixels, (boxes, labels, ignored, areas, crowds)

    def scaled(self, pixels):
        _, height, width = pixels.shape
        wanted = self.shape[1:]
        if self.fit == "letterbox":
            factor = min(wanted[0] / height, wanted[1] / width)
            wanted = [max(1, min(limit, math.floor(size * factor + 0.5)))
                      for size, limit in zip((height, width), wanted)]
        if (height, width) == tuple(wanted):
            return pixels
        with self.lock:
            for size, new in ((height, wanted[0]), (width, wanted[1])):
                if (size, new) not in self.taps:
                    self.taps[size, new] = taps(size, new)
            down, across = self.taps[height, wanted[0]], self.taps[width, wanted[1]].T
        # Seven bits of fraction stay between the two: bytes are rounded only once.
        wide = torch.floor((pixels.double() @ across + 2**7) / 2**8)
        return torch.floor((down @ wide + 2**21) / 2**22).to(torch.uint8)

    def sample(self, place, epoch):
        """Bytes of the input's size, and what is right about them; changed at random in an epoch."""
        augment = self.spec.augment if epoch is not None else set()
        _, height, width = self.shape
        if augment & {"scale", "mosaic"}:
            pixels, objects = self.composed(place, epoch, augment)
        else:
            picture, objects = self.picture(place)
            left, top = (width - picture.shape[2]) // 2, (height - picture.shape[1]) // 2
            pixels = torch.full(tuple(self.shape), GREY, dtype=torch.uint8)
            pixels[:, top : top + picture.shape[1], left : left + picture.shape[2]] = picture
            objects = (objects[0] + torch.tensor([left, top] * 2), *objects[1:])
        if "hsv" in augment:
            pixels = recoloured(pixels, Random(self.seed, COLOUR, epoch, place))
        bits = Random(self.seed, AUGMENTATION, epoch, place).next() if augment else 0
        boxes = objects[0]
        if "flip" in augment and bits & 1:
            pixels = pixels.flip(2)
            boxes = torch.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
        if "vflip" in augment and bits & 2:
            pixels = pixels.flip(1)
            boxes = torch.stack([boxes[:, 0], height - boxes[:, 3], boxes[:, 2], height - boxes[:, 1]], 1)
        return pixels, (boxes, *objects[1:])

    @staticmethod
    def together(answers):
        return Boxes(answers)

    def composed(self, place, epoch, augment):
        """One picture or four around a place, scaled and moved together, on grey."""
        _, height, width = self.shape
        random, scale, shift = Random(self.seed, COMPOSITION, epoch, place), 1.0, (0.0, 0.0)
        if "scale" in augment:
            scale = random.within(0.5, 1.5)
            shift = random.within(-0.1, 0.1) * width, random.within(-0.1, 0.1) * height
        pictures, meeting, first = [self.picture(place)], None, 0
        if "mosaic" in augment and random.below(2) == 0:
            meeting = random.within(-0.5, 0.5) * width, random.within(-0.5, 0.5) * height
            first = random.below(4)
            pictures += [self.picture(other) for other in [random.below(len(self)) for _ in range(3)]]
        pixels = torch.full(tuple(self.shape), GREY, dtype=torch.uint8)
        kept = []
        for index, (picture, objects) in enumerate(pictures):
            high, wide = picture.shape[1:]
            if meeting is None:
                corner = (width - wide) // 2 - width / 2, (height - high) // 2 - height / 2
            else:
                quarter = (first + index) % 4
                corner = meeting[0] - (wide if quarter % 2 == 0 else 0), meeting[1] - (high if quarter < 2 else 0)
            left, top = (corner[axis] * scale + (width, height)[axis] / 2 + shift[axis] for axis in range(2))
            draw(picture, pixels, scale, left, top)
            boxes = objects[0] * scale + torch.tensor([left, top] * 2)
            kept.append(cut((boxes, *objects[1:]), height, width))
        return pixels, tuple(torch.cat(part) for part in zip(*kept))


class MaskedPictures(Pictures):
    """One split of pictures with masks: 255 is not judged."""

    changes = {"flip", "vflip", "hsv"}

    def placed(self, path, mask_path):
        pixels, width, height = self.pixels_of(path)
        with opened_picture(mask_path) as opened:
            if opened.size != (width, height) or opened.mode not in ("L", "P"):
                raise Fault(f"{mask_path} is no mask of {width}x{height} numbers of 8 bits")
            mask = torch.frombuffer(bytearray(opened.tobytes()), dtype=torch.uint8).reshape(height, width)
        rows, columns = (
            ((torch.arange(count) + 0.5) / (count / size)).floor().long().clamp(max=size - 1)
            for count, size in zip(pixels.shape[1:], (height, width)))
        return pixels, mask[rows][:, columns]

    def sample(self, place, epoch):
        augment = self.spec.augment if epoch is not None else set()
        (picture, stored), (_, height, width) = self.picture(place), self.shape
        left, top = (width - picture.shape[2]) // 2, (height - picture.shape[1]) // 2
        pixels = torch.full(tuple(self.shape), GREY, dtype=torch.uint8)
        mask = torch.full((height, width), 255, dtype=torch.uint8)
        for whole, part in ((pixels, picture), (mask, stored)):
            whole[..., top : top + picture.shape[1], left : left + picture.shape[2]] = part
        if "hsv" in augment:
            pixels = recoloured(pixels, Random(self.seed, COLOUR, epoch, place))
        bits = Random(self.seed, AUGMENTATION, epoch, place).next() if augment else 0
        axes = [axis for bit, axis, word in ((1, -1, "flip"), (2, -2, "vflip")) if bits & bit and word in augment]
        return pixels.flip(axes), mask.flip(axes)

    @staticmethod
    def together(answers):
        return torch.stack(answers)


def cut(objects, height, width):
    """What lies in the input: boxes that keep a tenth of their area and two pixels each way."""
    boxes = objects[0]
    inside = torch.stack([boxes[:, axis].clamp(0, (width, height)[axis % 2]) for axis in range(4)], 1)
    sizes, before = inside[:, 2:] - inside[:, :2], boxes[:, 2:] - boxes[:, :2]
    stays = (sizes >= 2).all(1) & (sizes.prod(1) >= 0.1 * before.prod(1))
    return tuple(part[stays] for part in (inside, *objects[1:]))


def draw(picture, pixels, scale, left, top):
    """Puts a scaled picture into the input, linear between its pixels."""
    ranges, places = [], []
    for start, count, limit in ((top, picture.shape[1], pixels.shape[1]), (left, picture.shape[2], pixels.shape[2])):
        lower = min(limit, max(0, math.ceil(start - 0.5)))
        upper = max(lower, min(limit, math.ceil(start + scale * count - 0.5)))
        ranges.append((lower, upper))
        middles = torch.arange(lower, upper, dtype=torch.float32) + 0.5
        place = ((middles - start) / scale - 0.5).clamp(0, count - 1)
        first = place.long()
        share = ((place - first) * 256 + 0.5).int()
        places.append((first, (first + 1).clamp(max=count - 1), share))
    (rows, next_rows, down), (columns, next_columns, across) = places
    if not len(rows) or not len(columns):
        return
    whole = picture.int()
    wide = (whole[:, :, columns] << 8) + (whole[:, :, next_columns] - whole[:, :, columns]) * across
    above, below = wide[:, rows], wide[:, next_rows]
    sums = (above << 8) + (below - above) * down[:, None]
    (top, bottom), (left, right) = ranges
    pixels[:, top:bottom, left:right] = (sums + 32768 >> 16).to(torch.uint8)


def recoloured(pixels, random):
    """Another hue, saturation and brightness."""
    hue = random.within(-0.015, 0.015) * 6
    saturation, brightness = 1 + random.within(-0.7, 0.7), 1 + random.within(-0.4, 0.4)
    if pixels.shape[0] != 3:
        return (pixels.float() * brightness + 0.5).clamp(max=255).to(torch.uint8)
    colours = pixels.float()
    red, green, blue = colours
    value, least = colours.amax(0), colours.amin(0)
    spread = value - least
    divisor = spread.clamp(min=1)
    angle = torch.where(
        value == red, (green - blue) / divisor,
        torch.where(value == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor)) + hue
    angle = torch.where(angle < 0, angle + 6, angle)
    bright = (value * brightness).clamp(max=255)
    chroma = torch.minimum(value, spread * saturation) / value.clamp(min=1) * bright
    channels = []
    for start in (5, 3, 1):
        turn = (start + angle) % 6
        share = torch.minimum(torch.minimum(turn, 4 - turn), torch.ones_like(turn)).clamp(min=0)
        channels.append(bright - chroma * share + 0.5)
    return torch.stack(channels).to(torch.uint8)


def masks_in(folder):
    """Pictures with their masks by split."""
    splits = {split: [] for split in SPLITS.values()}
    for path, split in pictures_in(folder):
        splits[split].append((path, beside(path, "masks", ".png")))
    if not splits["train"]:
        raise Fault(f"{folder} has no pictures to train on")
    return splits


def opened_data(text, network, seed):
    """The data of a specification for a network."""
    (shape,) = network.inputs.values()
    spec, kind = Spec(text), network.kind()
    if spec.kind != kind and {spec.kind, kind} & {"detection", "segmentation"}:
        raise Fault(f"the network is for {kind}; {spec.name} is data of {spec.kind}")
    if spec.kind == "classification":
        return Data(spec, shape, seed, network.mean, network.variance, holds_numbers=kind == "regression")
    return PictureData(spec, shape, seed, network.mean, network.variance, network.task)


class PictureData:
    """What `Data` is for vectors of scores, for boxes and masks: batches of pictures with what is right about them."""

    def __init__(self, spec, shape, seed, mean, variance, task):
        if len(shape) != 3:
            raise Fault(f"pictures with {spec.kind} need an input of channels, rows and columns")
        self.spec, self.shape, self.seed, self.classes = spec, shape, seed, len(task["classes"])
        kind = Pictures if spec.kind == "detection" else MaskedPictures
        spec.augment |= {"flip", "scale", "hsv", "mosaic"} if "detection" in spec.augment else set()
        unknown = spec.augment - kind.changes - {"detection"}
        if unknown:
            raise Fault(f"augment={'+'.join(sorted(unknown))} is not done to the pictures of {spec.name} here")
        splits = BoxSet(spec, task["classes"]).splits if spec.kind == "detection" else masks_in(spec.path)
        chosen = list(range(len(splits["train"])))
        if spec.limit is not None and spec.limit < len(chosen):
            chosen = sorted(Random(seed, LIMIT).permutation(len(chosen))[: spec.limit])
        held = math.floor(len(chosen) * spec.validation + 0.5)
        if held:
            if splits["validation"]:
                raise Fault(f"validation={spec.validation} is not needed: the set has pictures for it")
            order = [chosen[place] for place in Random(seed, VALIDATION).permutation(len(chosen))]
            splits["validation"] = [splits["train"][place] for place in sorted(order[:held])]
            chosen = sorted(order[held:])
        splits["train"] = [splits["train"][place] for place in chosen]
        fit = spec.fit or task.get("fit", "letterbox")
        self.parts = {split: kind(listed, shape, spec, fit, seed) for split, listed in splits.items()}
        self.table = torch.tensor([(byte - mean) / variance for byte in range(256)], dtype=torch.float32)
        self.workers = ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1)))

    def count(self, split):
        return len(self.parts[split])

    def order(self, epoch):
        return torch.tensor(Random(self.seed, ORDER, epoch).permutation(self.count("train")), dtype=torch.long)

    def batch(self, split, places, epoch=None):
        part = self.parts[split]
        samples = list(self.workers.map(lambda place: part.sample(place, epoch), places.tolist()))
        values = self.table[torch.stack([pixels for pixels, _ in samples]).long()]
        return values, part.together([answer for _, answer in samples])
