import collections
import json
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import torch

# Pictures with boxes, fitted and changed at random as magikbench does it.

COMPOSITION, COLOUR = 7, 8
GREY, CACHED_BYTES = 114, 256 << 20
CHANGES = {"flip", "vflip", "scale", "hsv", "mosaic"}


class Boxes(list):
    """For each sample: boxes (left, top, right, bottom in pixels of the input), classes, which are ignored, areas in pixels
    of the stored picture, which are crowds."""

    def to(self, device):
        return Boxes([tuple(part.to(device) for part in sample) for sample in self])


def read_text(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{path} cannot be read: {error}") from error


def path_in(folder, name):
    return name if os.path.isabs(name) else os.path.join(folder, name)


def names_in(folder):
    try:
        return sorted(os.listdir(folder), key=os.fsencode)
    except OSError as error:
        raise Fault(f"{folder} cannot be read: {error.strerror}") from error


def is_picture(name):
    return name.lower().endswith((".png", ".jpg", ".jpeg"))


class BoxSet:
    """The pictures of yolo, voc or coco by split: files, and their objects as (class, box, is ignored, is crowd, area)."""

    def __init__(self, spec, classes):
        self.classes, self.spec = {name: place for place, name in enumerate(classes)}, spec
        self.found = set()
        self.splits = {"train": [], "validation": [], "test": []}
        {"yolo": self.read_yolo, "voc": self.read_voc, "coco": self.read_coco}[spec.name](spec.path)
        if not self.splits["train"]:
            raise Fault(f"{spec.path} has no pictures to train on")
        if not self.found & set(self.classes):
            raise Fault(f"{spec.path} has none of the classes {', '.join(classes)}")

    def kept(self, objects, width, height):
        """Objects of the task's classes, clipped to their picture."""
        kept = []
        for name, (left, top, right, bottom), is_ignored, is_crowd, area in objects:
            self.found.add(name)
            box = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
            if name in self.classes and box[2] - box[0] >= 1e-3 and box[3] - box[1] >= 1e-3:
                area = (box[2] - box[0]) * (box[3] - box[1]) if area is None else area
                kept.append((self.classes[name], box, is_ignored, is_crowd, area))
        return kept

    def read_yolo(self, folder):
        names = self.yolo_names(folder)
        splits = {"train": "train", "val": "validation", "test": "test"}
        found = []
        for option, split in splits.items():
            if option in self.spec.paths:
                lines = read_text(path_in(folder, self.spec.paths[option])).split("\n")
                found += [(path_in(folder, line.strip().removeprefix("./")), split) for line in lines if line.strip()]
        images = os.path.join(folder, "images")
        if not found:
            places = []
            for base, tail in ((images, ""), (folder, "images")):
                for name in names_in(base) if os.path.isdir(base) and not places else []:
                    split = [split for option, split in splits.items() if name.lower().startswith(option)]
                    place = os.path.join(base, name, tail) if tail else os.path.join(base, name)
                    if split and os.path.isdir(place):
                        places.append((place, split[0]))
            if not places and os.path.isdir(images):
                places = [(images, "train")]
            for place, split in places:
                found += [(os.path.join(place, name), split) for name in names_in(place) if is_picture(name)]
        for path, split in found:
            width, height = picture_size(path)
            objects = self.yolo_objects(path, names, width, height)
            self.splits[split].append((path, self.kept(objects, width, height)))

    def yolo_names(self, folder):
        for name in names_in(folder):
            if not name.endswith((".yaml", ".yml")):
                continue
            text = read_text(os.path.join(folder, name))
            lines = [line.split(" #")[0].rstrip() for line in text.split("\n") if not line.strip().startswith("#")]
            start = next((place for place, line in enumerate(lines) if line.startswith("names:")), None)
            if start is None:
                continue
            rest = lines[start][6:].strip()
            if rest[:1] in ("[", "{"):
                text = (rest + " ".join(lines[start + 1 :]))[1:]
                entries = text[: text.index("]" if rest[0] == "[" else "}")].split(",")
            else:
                entries = []
                for line in lines[start + 1 :]:
                    if line.strip() and line[0] not in " \t-":
                        break
                    entries.append(line.strip().removeprefix("-"))
            entries = [entry.strip() for entry in entries if entry.strip()]
            numbered = [entry.partition(":") for entry in entries]
            names = [tail if colon and head.strip().isdigit() else head + colon + tail for head, colon, tail in numbered]
            return [name.strip().strip("'\"") for name in names]
        return None

    def yolo_objects(self, path, names, width, height):
        parts = path.split(os.sep)
        places = [place for place, part in enumerate(parts[:-1]) if part == "images"]
        if places:
            parts[places[-1]] = "labels"
        label = os.path.splitext(os.sep.join(parts))[0] + ".txt"
        objects = []
        if not os.path.exists(label):
            return objects
        for number, line in enumerate(read_text(label).split("\n"), 1):
            words = line.split()
            if not words:
                continue
            try:
                values = [float(word) for word in words]
                name = str(int(values[0])) if names is None else names[int(values[0])]
            except (ValueError, IndexError):
                raise Fault(f"{label}:{number}: '{line.strip()}' is no object") from None
            if len(values) == 5:
                x, y, wide, high = values[1:]
                box = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
            elif len(values) > 6 and len(values) % 2:
                box = min(values[1::2]), min(values[2::2]), max(values[1::2]), max(values[2::2])
            else:
                raise Fault(f"{label}:{number}: there are {len(values)} numbers, 5 are expected")
            box = box[0] * width, box[1] * height, box[2] * width, box[3] * height
            objects.append((name, box, False, False, None))
        return objects

    def read_voc(self, folder):
        images, lists = os.path.join(folder, "JPEGImages"), os.path.join(folder, "ImageSets", "Main")
        files = {os.path.splitext(name)[0]: name for name in names_in(images) if is_picture(name)}
        has_train = os.path.exists(os.path.join(lists, "train.txt"))
        splits = {"train": "train", "val": "validation", "test": "test"}
        for name, split in (splits if has_train else {"trainval": "train", "test": "test"}).items():
            path = os.path.join(lists, f"{name}.txt")
            if split != "train" and not os.path.exists(path):
                continue
            for number, line in enumerate(read_text(path).split("\n"), 1):
                if not line.strip():
                    continue
                identity = line.split()[0]
                if identity not in files:
                    raise Fault(f"{path}:{number}: there is no picture '{identity}' in {images}")
                picture = os.path.join(images, files[identity])
                label = os.path.join(folder, "Annotations", f"{identity}.xml")
                width, height = picture_size(picture)
                self.splits[split].append((picture, self.kept(self.voc_objects(label), width, height)))

    def voc_objects(self, path):
        text = read_text(path)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Fault(f"{path} defines entities, which are not read")
        try:
            root = ElementTree.fromstring(text)
            objects = []
            for element in root.iter("object"):
                box = element.find("bndbox")
                sides = tuple(float(box.find(side).text) for side in ("xmin", "ymin", "xmax", "ymax"))
                is_difficult = (element.findtext("difficult") or "0").strip() == "1"
                objects.append((element.findtext("name").strip(), sides, is_difficult, False, None))
        except (ElementTree.ParseError, AttributeError, TypeError, ValueError) as error:
            raise Fault(f"{path} is broken: {error}") from None
        return objects

    def read_coco(self, path):
        sets = [(path, self.spec.paths.get("images", os.path.dirname(path)), "train")]
        if "test" in self.spec.paths:
            sets.append((self.spec.paths["test"], self.spec.paths.get("test-images", sets[0][1]), "test"))
        for path, images, split in sets:
            try:
                content = json.loads(read_text(path))
                names = {entry["id"]: entry["name"] for entry in content["categories"]}
                objects = collections.defaultdict(list)
                for entry in content["annotations"]:
                    left, top, width, height = entry["bbox"]
                    is_crowd = bool(entry.get("iscrowd", 0))
                    objects[entry["image_id"]].append((
                        names[entry["category_id"]], (left, top, left + width, top + height), is_crowd, is_crowd,
                        entry.get("area")))
                self.found |= set(names.values())
                pictures = sorted(content["images"], key=lambda entry: entry["file_name"].encode())
            except (ValueError, KeyError, TypeError) as error:
                raise Fault(f"{path} is no file of COCO's instances: {error}") from None
            for entry in pictures:
                file = path_in(images, entry["file_name"])
                width, height = picture_size(file)
                self.splits[split].append((file, self.kept(objects[entry["id"]], width, height)))


def opened_picture(path):
    try:
        from PIL import Image
    except ImportError:
        raise Fault("pictures are read with Pillow: pip install pillow") from None
    try:
        return Image.open(path)
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error}") from error


def picture_size(path):
    with opened_picture(path) as picture:
        return picture.size


class Pictures:
    """One split of pictures with boxes for an input of channels, rows and columns."""

    def __init__(self, listed, shape, spec, fit, seed):
        self.listed, self.shape, self.spec, self.fit, self.seed = listed, shape, spec, fit, seed
        self.cache, self.held, self.lock = collections.OrderedDict(), 0, threading.Lock()
        self.taps = {}

    def __len__(self):
        return len(self.listed)

    def chosen(self, places):
        return Pictures([self.listed[place] for place in places], self.shape, self.spec, self.fit, self.seed)

    def picture(self, place):
        """A picture at the size that it has in the input: bytes by channel, row and column, and its objects there."""
        with self.lock:
            if place in self.cache:
                self.cache.move_to_end(place)
                return self.cache[place]
        path, objects = self.listed[place]
        with opened_picture(path) as opened:
            try:
                opened = opened.convert("RGB")
            except OSError as error:
                raise Fault(f"{path} does not decode: {error}") from error
            width, height = opened.size
            pixels = torch.frombuffer(bytearray(opened.tobytes()), dtype=torch.uint8).reshape(height, width, 3)
        pixels = self.scaled(pixels.permute(2, 0, 1))
        pixels = coloured(pixels[None], self.shape)[0].contiguous()
        factors = torch.tensor([pixels.shape[2] / width, pixels.shape[1] / height] * 2)
        boxes = torch.tensor([box for _, box, _, _, _ in objects]).reshape(-1, 4) * factors
        labels, ignored, crowds, areas = (
            torch.tensor([entry[index] for entry in objects], dtype=kind)
            for index, kind in ((0, torch.long), (2, torch.bool), (3, torch.bool), (4, torch.float32)))
        found = pixels, (boxes, labels, ignored, areas, crowds)
        with self.lock:
            self.cache[place] = found
            self.held += pixels.numel()
            while self.held > CACHED_BYTES:
                self.held -= self.cache.popitem(last=False)[1][0].numel()
        return found

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


def opened_data(text, network, seed):
    """The data of a specification for a network."""
    (shape,) = network.inputs.values()
    spec, kind = Spec(text), network.kind()
    if spec.holds_boxes != (kind == "detection"):
        raise Fault(f"the network is for {kind}; {spec.name} has {'boxes' if spec.holds_boxes else 'no boxes'}")
    if spec.holds_boxes:
        return BoxData(spec, shape, seed, network.mean, network.variance, network.task)
    return Data(spec, shape, seed, network.mean, network.variance, holds_numbers=kind == "regression")


class BoxData:
    """What `Data` is for vectors of scores, for detectors: batches of pictures with their boxes."""

    def __init__(self, spec, shape, seed, mean, variance, task):
        if len(shape) != 3:
            raise Fault("pictures with boxes need an input of channels, rows and columns")
        self.spec, self.shape, self.seed, self.classes = spec, shape, seed, len(task["classes"])
        spec.augment |= {"flip", "scale", "hsv", "mosaic"} if "detection" in spec.augment else set()
        unknown = spec.augment - CHANGES - {"detection"}
        if unknown:
            raise Fault(f"augment={'+'.join(sorted(unknown))} is not done to pictures with boxes here")
        splits = BoxSet(spec, task["classes"]).splits
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
        self.parts = {split: Pictures(listed, shape, spec, fit, seed) for split, listed in splits.items()}
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
        return values, Boxes([objects for _, objects in samples])
