import collections
import json
import os
from xml.etree import ElementTree

# Which pictures there are, and the boxes in them: yolo, voc and coco.

SPLITS = {"train": "train", "val": "validation", "test": "test"}


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


def pictures_in(folder):
    """The pictures in images/SPLIT or SPLIT/images, and their splits; those in images are to train on where there are none."""
    images, places = os.path.join(folder, "images"), []
    for base, tail in ((images, ""), (folder, "images")):
        for name in names_in(base) if os.path.isdir(base) and not places else []:
            split = [split for option, split in SPLITS.items() if name.lower().startswith(option)]
            place = os.path.join(base, name, tail) if tail else os.path.join(base, name)
            if split and os.path.isdir(place):
                places.append((place, split[0]))
    if not places and os.path.isdir(images):
        places = [(images, "train")]
    return [(os.path.join(place, name), split) for place, split in places for name in names_in(place) if is_picture(name)]


def beside(path, folder, ending):
    """What belongs to a picture: a file in a folder beside the folder images, else beside the picture."""
    parts = path.split(os.sep)
    places = [place for place, part in enumerate(parts[:-1]) if part == "images"]
    if places:
        parts[places[-1]] = folder
    return os.path.splitext(os.sep.join(parts))[0] + ending


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
        found = []
        for option, split in SPLITS.items():
            if option in self.spec.paths:
                lines = read_text(path_in(folder, self.spec.paths[option])).split("\n")
                found += [(path_in(folder, line.strip().removeprefix("./")), split) for line in lines if line.strip()]
        found = found or pictures_in(folder)
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
        label = beside(path, "labels", ".txt")
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
        for name, split in (SPLITS if has_train else {"trainval": "train", "test": "test"}).items():
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
