"""Reads safetensors files with the public library, and rewrites them.

Usage: safetensors_check.py FOLDER

For each NAME.safetensors in the folder prints "NAME ok SUM", where SUM adds up the elements of all tensors, or
"NAME refused". Writes what it read to NAME.rewritten.
"""

import pathlib
import sys

import numpy
import safetensors
import safetensors.numpy

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.safetensors")):
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata()
        # The library has no numpy type for bfloat16; a file with it is only opened.
        tensors = safetensors.numpy.load(path.read_bytes())
    except (safetensors.SafetensorError, AttributeError, KeyError, TypeError, ValueError) as error:
        print(path.stem, "refused", type(error).__name__)
        continue
    total = sum(float(numpy.asarray(tensor, dtype=numpy.float64).sum()) for tensor in tensors.values())
    print(path.stem, "ok", total)
    safetensors.numpy.save_file(tensors, path.with_suffix(".rewritten"), metadata)
