import ast
import ctypes
import gzip
import json
import math
import os
import struct

import torch

# Files: safetensors, and the data sets that magikbench reads.


class Fault(Exception):
    """What went wrong, in a sentence for the user."""


def read_safetensors(path):
    """The tensors of a file by name, and its metadata."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}") from error
    if len(data) < 8 or (length := struct.unpack("<Q", data[:8])[0]) > len(data) - 8:
        raise Fault(f"{path} is no safetensors file: its header has no length")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    kinds = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in kinds:
            raise Fault(f"{path}: '{name}' has numbers of {entry['dtype']}, which is not read here")
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        if end > len(data):
            raise Fault(f"{path} ends inside of '{name}'")
        kind = kinds[entry["dtype"]]
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=kind) if end > begin else torch.empty(0, dtype=kind)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    """Writes 32-bit floats in place of the file before, which stays whole until the new one is."""
    header, pieces, place = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        flat = tensor.detach().to("cpu", torch.float32).contiguous()
        piece = ctypes.string_at(flat.data_ptr(), 4 * flat.numel()) if flat.numel() else b""
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [place, place + len(piece)]}
        pieces.append(piece)
        place += len(piece)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    beside = f"{path}.{os.getpid()}.new"
    try:
        if os.path.lexists(beside):
            os.unlink(beside)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise Fault(f"{path} cannot be written: {error.strerror}") from error


def bytes_of(folder, name):
    """The bytes of a file, plain or gzipped."""
    path = os.path.join(folder, name)
    for candidate, opened in ((path, open), (path + ".gz", gzip.open)):
        if os.path.exists(candidate):
            try:
                with opened(candidate, "rb") as file:
                    return file.read()
            except (OSError, EOFError) as error:
                raise Fault(f"{candidate} cannot be read: {error}") from error
    raise Fault(f"{path} is not there, plain or as .gz")


def is_there(folder, name):
    path = os.path.join(folder, name)
    return os.path.exists(path) or os.path.exists(path + ".gz")


def idx_array(folder, name):
    """An array of bytes as MNIST stores them."""
    data = bytes_of(folder, name)
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise Fault(f"{name} is no IDX file of bytes")
    axes = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    start = 4 + 4 * data[3]
    if len(data) - start != math.prod(axes):
        raise Fault(f"{name} has {len(data) - start} values; its header says {math.prod(axes)}")
    return torch.frombuffer(bytearray(data[start:]), dtype=torch.uint8).reshape(axes)


def cifar_arrays(folder, names):
    """Images, axes sample, channel, height, width, and labels of CIFAR-10's binary version."""
    records = b"".join(bytes_of(folder, name) for name in names)
    if not records or len(records) % 3073:
        raise Fault(f"{', '.join(names)}: not a whole number of records of 3073 bytes")
    table = torch.frombuffer(bytearray(records), dtype=torch.uint8).reshape(-1, 3073)
    return table[:, 1:].reshape(-1, 3, 32, 32), table[:, 0].long()


def npz_array(archive, name):
    """An array as numpy writes it."""
    try:
        data = archive.read(name + ".npy")
    except KeyError:
        raise Fault(f"{archive.filename} has no array {name}; npz reads x_train, y_train, x_test, y_test") from None
    if data[:6] != b"\x93NUMPY":
        raise Fault(f"{archive.filename}: {name} is no array of numpy")
    size = 2 if data[6] == 1 else 4
    start = 8 + size + int.from_bytes(data[8 : 8 + size], "little")
    fields = ast.literal_eval(data[8 + size : start].decode("latin1"))
    kinds = {
        "b1": torch.uint8, "u1": torch.uint8, "i1": torch.int8, "i2": torch.int16, "i4": torch.int32,
        "i8": torch.int64, "f4": torch.float32, "f8": torch.float64,
    }
    order, kind = fields["descr"][0], fields["descr"][1:]
    if kind not in kinds or order == ">" or fields["fortran_order"]:
        raise Fault(f"{archive.filename}: {name} has values of {fields['descr']}; C order, low byte first is read")
    return torch.frombuffer(bytearray(data[start:]), dtype=kinds[kind]).reshape(fields["shape"])
