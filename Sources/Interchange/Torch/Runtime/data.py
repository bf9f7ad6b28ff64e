import math
import os
import zipfile

import torch
import torch.nn.functional as F

# Data sets, the same samples in the same order as magikbench takes.

MASK = (1 << 64) - 1
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
ORDER, AUGMENTATION, LIMIT, VALIDATION = 1, 2, 3, 4
REACH = 4


def mixed(word):
    word = (word ^ (word >> 30)) * FIRST & MASK
    word = (word ^ (word >> 27)) * SECOND & MASK
    return word ^ (word >> 31)


class Random:
    """Random numbers that are the same on every machine, from a seed and what they are for."""

    def __init__(self, *words):
        self.state = GOLDEN
        for word in words:
            self.state = mixed(self.state ^ word) + GOLDEN & MASK

    def next(self):
        self.state = self.state + GOLDEN & MASK
        return mixed(self.state)

    def below(self, bound):
        return (self.next() >> 32) * bound >> 32

    def within(self, low, high):
        """A number from the lower bound up to the upper one, in steps of 2^-24 of their distance."""
        return low + (self.next() >> 40) / 2**24 * (high - low)

    def permutation(self, count):
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


class Spec:
    """NAME:PATH[,OPTION=VALUE ...]."""

    NAMES = {
        "train-images": "train-images-idx3-ubyte", "train-labels": "train-labels-idx1-ubyte",
        "test-images": "t10k-images-idx3-ubyte", "test-labels": "t10k-labels-idx1-ubyte",
    }

    # Options that are paths, by the set that has them.
    PATHS = {"yolo": ("train", "val", "test"), "voc": (), "coco": ("images", "test", "test-images")}

    def __init__(self, text):
        known = "mnist:DIR, idx:DIR, cifar10:DIR, npz:FILE, yolo:DIR, voc:DIR or coco:FILE"
        if not text:
            raise Fault(f"what to train on is missing: --data {known}")
        head, *options = text.split(",")
        self.name, _, self.path = head.partition(":")
        self.holds_boxes = self.name in Spec.PATHS
        if self.name not in ("mnist", "idx", "cifar10", "npz") and not self.holds_boxes:
            raise Fault(f"'{self.name}' is no data that is read here; --data names {known}")
        if not self.path:
            raise Fault(f"{self.name} needs a path: {self.name}:PATH")
        self.limit, self.validation, self.augment, self.files = None, 0.0, set(), dict(Spec.NAMES)
        self.fit, self.paths = None, {}
        for option in options:
            key, _, value = option.partition("=")
            try:
                if key == "limit":
                    self.limit = int(value)
                elif key == "validation":
                    self.validation = float(value)
                elif key == "augment":
                    self.augment = set(value.split("+")) - {"none"}
                elif key in self.files and self.name == "idx":
                    self.files[key] = value
                elif key in Spec.PATHS.get(self.name, ()):
                    self.paths[key] = value
                elif key == "fit" and self.holds_boxes:
                    if value not in ("letterbox", "stretch"):
                        raise Fault(f"fit={value} is neither letterbox nor stretch")
                    self.fit = value
                elif key not in ("size", "channels"):
                    raise Fault(f"{self.name} has no option '{key}'")
            except ValueError:
                raise Fault(f"{key}={value} is no number") from None


class Part:
    """Samples, axes sample, height, width, channel, and their labels, or the numbers that are asked for."""

    def __init__(self, samples, labels, shape, holds_numbers=False):
        if len(samples) != len(labels):
            raise Fault(f"there are {len(samples)} samples and {len(labels)} labels")
        self.samples = arranged(samples, shape)
        self.labels = labels.float().reshape(len(labels), -1) if holds_numbers else labels.flatten().long()

    def __len__(self):
        return len(self.labels)

    def chosen(self, places):
        part = Part.__new__(Part)
        places = torch.tensor(places, dtype=torch.long)
        part.samples, part.labels = self.samples[places], self.labels[places]
        return part


def arranged(samples, shape):
    """The channels last, wherever they were stored."""
    axes = samples.shape[1:]
    if len(axes) == 1:
        return samples[:, None, :, None]
    if len(axes) == 2:
        return samples[..., None]
    if len(axes) != 3:
        raise Fault(f"a sample of {'x'.join(map(str, axes))} is not read")
    last, first = tuple(axes), (axes[1], axes[2], axes[0])
    wanted = (shape[1], shape[2], shape[0]) if len(shape) == 3 else None
    tests = (
        lambda axes: axes == wanted, lambda axes: wanted and axes[2] == wanted[2], lambda axes: axes[2] in (1, 3),
    )
    for test in tests:
        if test(last):
            return samples
        if test(first):
            return samples.permute(0, 2, 3, 1)
    raise Fault(f"neither the first nor the last axis of {'x'.join(map(str, axes))} can be the channels")


def fitted(samples, shape):
    """Samples on the axes of the network's input, but for colours, which a batch makes; channels first."""
    _, height, width, channels = samples.shape
    if len(shape) == 1:
        if height * width * channels != shape[0]:
            raise Fault(f"a sample has {height * width * channels} values; the network takes {shape[0]}")
        return samples.reshape(len(samples), -1)
    if len(shape) == 2:
        if channels != 1 or width != shape[1]:
            raise Fault(f"a sample is {height}x{width}x{channels}; the network takes sequences of {shape[1]} features")
        return F.pad(samples[:, : shape[0], :, 0], (0, 0, 0, max(0, shape[0] - height)))
    samples = samples.permute(0, 3, 1, 2).contiguous()
    if channels != shape[0] and channels != 1 and (channels, shape[0]) != (3, 1):
        raise Fault(f"a sample has {channels} channels; the network takes {shape[0]}")
    if (height, width) == tuple(shape[1:]):
        return samples
    if samples.dtype != torch.uint8:
        raise Fault(f"an array of {height}x{width} numbers is not resized; the network takes {shape[1]}x{shape[2]}")
    down, across = taps(height, shape[1]), taps(width, shape[2]).T
    parts = []
    for part in samples.split(1024):
        # Seven bits of fraction stay between the two: bytes are rounded only once.
        wide = torch.floor((part.double() @ across + 2**7) / 2**8)
        parts.append(torch.floor((down @ wide + 2**21) / 2**22).to(torch.uint8))
    return torch.cat(parts)


def taps(size, wanted):
    """The shares of 32768 that each new place has of the old ones, axes new, old."""
    scale = size / wanted
    reach = max(1.0, scale)
    matrix = torch.zeros(wanted, size, dtype=torch.float64)
    for place in range(wanted):
        centre = (place + 0.5) * scale
        first, last = max(0, math.floor(centre - reach)), min(size - 1, math.floor(centre + reach))
        shares = [max(0.0, 1 - abs(old + 0.5 - centre) / reach) for old in range(first, max(first, last) + 1)]
        if first == 0:
            shares[0] += outside(centre - reach, 0.0, centre, reach)
        if last == size - 1:
            shares[-1] += outside(float(size), centre + reach, centre, reach)
        whole = [math.floor(share / sum(shares) * 32768 + 0.5) for share in shares]
        whole[whole.index(max(whole))] += 32768 - sum(whole)
        matrix[place, first : first + len(whole)] = torch.tensor(whole, dtype=torch.float64)
    return matrix


def outside(start, end, centre, reach):
    """The weights from one place to another: those outside of an image belong to its edge."""
    total, place = 0.0, math.floor(start) + 0.5
    while place < end:
        if place >= start:
            total += max(0.0, 1 - abs(place - centre) / reach)
        place += 1
    return total


class Data:
    """A training, a validation and a test part, fitted to a shape; values become (x - mean) / variance."""

    def __init__(self, spec, shape, seed, mean, variance, holds_numbers=False):
        self.spec, self.shape, self.seed, self.mean, self.variance = spec, shape, seed, mean, variance
        self.holds_numbers = holds_numbers
        if holds_numbers and spec.name != "npz":
            raise Fault(f"{spec.name} has labels and no other numbers; npz:FILE has")
        train, test = self.opened()
        self.classes = int(max(part.labels.max() for part in (train, test) if part is not None)) + 1
        chosen = list(range(len(train)))
        if self.spec.limit is not None and self.spec.limit < len(chosen):
            chosen = sorted(Random(seed, LIMIT).permutation(len(chosen))[: self.spec.limit])
        held, held_out = math.floor(len(chosen) * self.spec.validation + 0.5), []
        if held:
            order = [chosen[place] for place in Random(seed, VALIDATION).permutation(len(chosen))]
            held_out, chosen = sorted(order[:held]), sorted(order[held:])
        self.parts = {"train": train.chosen(chosen), "validation": train.chosen(held_out), "test": test}
        for part in self.parts.values():
            if part is not None:
                part.samples = fitted(part.samples, shape) if len(part) else part.samples
        self.table = torch.tensor([(byte - mean) / variance for byte in range(256)], dtype=torch.float32)

    def opened(self):
        spec, folder = self.spec, self.spec.path
        if spec.name in ("mnist", "idx"):
            parts = []
            for part in ("train", "test"):
                if part == "test" and not is_there(folder, spec.files["test-images"]) and spec.validation:
                    parts.append(None)
                    continue
                images, labels = (idx_array(folder, spec.files[f"{part}-{kind}"]) for kind in ("images", "labels"))
                parts.append(Part(images, labels, self.shape))
            return parts
        if spec.name == "cifar10":
            names = [name for name in (f"data_batch_{i}.bin" for i in range(1, 6)) if is_there(folder, name)]
            if not names:
                raise Fault(f"{folder}/data_batch_1.bin is not there, plain or as .gz")
            train = Part(*cifar_arrays(folder, names), self.shape)
            if not is_there(folder, "test_batch.bin") and spec.validation:
                return train, None
            return train, Part(*cifar_arrays(folder, ["test_batch.bin"]), self.shape)
        try:
            with zipfile.ZipFile(spec.path) as archive:
                parts = ["train", "test"] if "x_test.npy" in archive.namelist() or not spec.validation else ["train"]
                arrays = [[npz_array(archive, f"{axis}_{part}") for axis in "xy"] for part in parts]
            found = [Part(*pair, self.shape, self.holds_numbers) for pair in arrays]
        except (OSError, zipfile.BadZipFile) as error:
            raise Fault(f"{spec.path} cannot be read: {error}") from error
        return found if len(found) == 2 else (found[0], None)

    def count(self, split):
        part = self.parts[split]
        return 0 if part is None else len(part)

    def order(self, epoch):
        """The samples of a training epoch, in the order they are taken."""
        return torch.tensor(Random(self.seed, ORDER, epoch).permutation(self.count("train")), dtype=torch.long)

    def batch(self, split, places, epoch=None):
        """Values and labels of some samples; those of an epoch are augmented."""
        part = self.parts[split]
        samples = part.samples[places]
        if epoch is not None and self.spec.augment:
            samples = self.augmented(samples, places, epoch)
        if samples.dtype == torch.uint8:
            samples = coloured(samples, self.shape)
            values = self.table[samples.long()]
        else:
            numbers = coloured(samples.float(), self.shape).double()
            values = ((numbers - self.mean) / self.variance).float()
        return values, part.labels[places]

    def augmented(self, samples, places, epoch):
        """Flipped and moved by up to 4 places, by seed, epoch and sample alone."""
        count, _, height, width = samples.shape
        down, right = torch.zeros(count, dtype=torch.long), torch.zeros(count, dtype=torch.long)
        flips = torch.zeros(count, dtype=torch.bool)
        for index, place in enumerate(places.tolist()):
            random = Random(self.seed, AUGMENTATION, epoch, place)
            flips[index] = "flip" in self.spec.augment and random.next() & 1 == 1
            if "flip" not in self.spec.augment:
                random.next()
            if "crop" in self.spec.augment:
                down[index], right[index] = random.below(2 * REACH + 1) - REACH, random.below(2 * REACH + 1) - REACH
        rows = torch.arange(height) + down[:, None] + REACH
        columns = torch.arange(width) + right[:, None]
        columns = torch.where(flips[:, None], width - 1 - columns, columns) + REACH
        framed = F.pad(samples, (REACH, REACH, REACH, REACH))
        moved = framed[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2)


def coloured(samples, shape):
    """Grey copied to all channels, or colour turned to grey."""
    if len(shape) != 3 or samples.shape[1] == shape[0]:
        return samples
    if samples.shape[1] == 1:
        return samples.expand(-1, shape[0], -1, -1)
    if samples.dtype == torch.uint8:
        red, green, blue = samples.long().unbind(1)
        return (32768 + red * 19595 + green * 38470 + blue * 7471 >> 16).to(torch.uint8)[:, None]
    red, green, blue = samples.unbind(1)
    return (red * 0.299 + green * 0.587 + blue * 0.114)[:, None]
