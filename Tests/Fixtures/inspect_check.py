"""Computes the measures of `magikbench inspect --json` again from the tensors that `--dump` wrote.

inspect_check.py REPORT.json TENSORS.safetensors: prints the largest relative difference and how many were compared.
"""

import json
import sys

import numpy


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    return {
        name: numpy.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).astype(float)
        for name, entry in header.items()
        if name != "__metadata__"
    }


def decibels(signal, noise):
    return 10 * numpy.log10((signal**2).sum() / (noise**2).sum())


def main():
    report, found = json.load(open(sys.argv[1])), tensors(sys.argv[2])
    pairs = []
    for layer in report["layers"]:
        name, weight, feature = layer["name"], layer["weight"], layer["feature"]
        if weight and weight["sqnr"] is not None and name + ".weight.quantized" in found:
            plain = found[name + ".weight"]
            pairs.append((weight["sqnr"], decibels(plain, plain - found[name + ".weight.quantized"])))
            axes = tuple(range(1, plain.ndim))
            pairs += zip(weight["channels"]["max"], plain.max(axis=axes))
        if feature and feature["sqnr"] is not None and layer["clip"] is not None:
            plain, quantized = found[name + ".feature"], found[name + ".feature.quantized"]
            clip = layer["clip"]
            if not layer["signed"]:
                plain = numpy.maximum(plain, 0)
            pairs.append((feature["sqnr"], decibels(plain / clip, plain / clip - quantized)))
            pairs.append((feature["meanSquaredError"], ((plain / clip - quantized) ** 2).mean()))
            low = -clip if layer["signed"] else -numpy.inf
            outside = (plain > numpy.float32(clip)) | (plain < low)
            pairs.append((feature["clipRatio"], outside.mean()))
            codes = numpy.unique(quantized).size / 2 ** layer["outputBits"]
            pairs.append((feature["levelUse"], codes))
            axes = tuple(range(quantized.ndim - 1))
            dead = numpy.flatnonzero(quantized.min(axis=axes) == quantized.max(axis=axes))
            assert feature["deadChannels"] == dead.tolist(), name
        if feature and feature["cosine"] is not None and name + ".float" in found:
            one, other = found[name + ".float"].ravel(), found[name + ".quantized"].ravel()
            pairs.append((feature["cosine"], one @ other / numpy.sqrt((one @ one) * (other @ other))))
            scale = max(0, (one @ other) / (other @ other))
            if feature["accumulatedSqnr"]:
                pairs.append((feature["accumulatedSqnr"], decibels(one, one - scale * other)))
    differences = [abs(a - b) / max(abs(b), 1e-12) if a != b else 0 for a, b in pairs]
    print(max(differences), len(pairs))


main()
