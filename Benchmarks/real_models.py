#!/usr/bin/env python3
"""Takes ONNX models through check, import and quantize, compares them with onnxruntime, and writes docs/real-models.md.

  Benchmarks/real_models.py run [--models DIR] [--only NAME ...] [--stage STAGE ...]   measures; a JSON file in the work folder
  Benchmarks/real_models.py render [--output FILE]                                     prints the page, or writes it

Models are all *.onnx of a folder, by default `models` in the folder of data sets: MAGIKBENCH_DATA, or ../shared/data.
Pictures are those of `coco128` there. Needs onnx, onnxruntime, numpy, pillow and safetensors. A stage that was measured
is not measured again unless --stage names it.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent

from real_models import page
from real_models.models import Model
from real_models.program import Program
from real_models.setting import Setting
from real_models.stages import STAGES


def load(path: pathlib.Path) -> dict:
    """What was measured before."""
    return json.loads(path.read_text()) if path.exists() else {}


def save(path: pathlib.Path, found: dict) -> None:
    """Keeps what was measured; the file is whole at any time."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    beside.replace(path)


def measure(setting: Setting, path: pathlib.Path, asked: list[str], before: dict) -> dict:
    """The stages of one model that are asked for, or that nothing is known of; a failure is a result too."""
    found = dict(before)
    try:
        model = Model(path)
    except ValueError as error:
        return {"unusable": str(error)}
    for name, stage in STAGES.items():
        if not (name in asked if asked else name not in found):
            continue
        start = time.monotonic()
        try:
            found[name] = stage(setting, model, found)
            end = "done"
        except Exception as error:  # One model's failure does not stop the others.
            traceback.print_exc()
            found[name] = {"failed": f"{type(error).__name__}: {error}"}
            end = "failed"
        print(f"{model.name}: {name} {end}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return found


def run(arguments: argparse.Namespace) -> None:
    """Measures all models."""
    arguments.work.mkdir(parents=True, exist_ok=True)
    setting = Setting(
        Program(arguments.program, arguments.threads), arguments.data, arguments.work.resolve(), arguments.samples, arguments.bits)
    folder = arguments.models or arguments.data / "models"
    paths = [path for path in sorted(folder.glob("*.onnx")) if not arguments.only or path.stem in arguments.only]
    if not paths:
        raise SystemExit(f"{folder} has no such model")
    for path in paths:
        one = measure(setting, path, arguments.stage, load(arguments.json).get(path.stem, {}))
        # Another process may have measured another model meanwhile.
        save(arguments.json, load(arguments.json) | {path.stem: one})


def render(arguments: argparse.Namespace) -> None:
    """Prints the page, or writes it."""
    text = page.text(load(arguments.json))
    if arguments.output:
        arguments.output.write_text(text)
    else:
        print(text, end="")


def main() -> None:
    work = ROOT / ".build" / "real-models"
    data = pathlib.Path(os.environ.get("MAGIKBENCH_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="measure")
    runner.add_argument("--models", type=pathlib.Path, help="the folder of models")
    runner.add_argument("--data", type=pathlib.Path, default=data, help="the folder of data sets")
    runner.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/release/magikbench")
    runner.add_argument("--only", nargs="*", default=[], metavar="NAME", help="these models alone")
    runner.add_argument("--stage", nargs="*", default=[], choices=STAGES, help="these stages alone, measured again")
    runner.add_argument("--samples", type=int, default=64, help="pictures to calibrate with, and as many held out")
    runner.add_argument("--bits", type=int, default=8)
    runner.add_argument("--threads", type=int, default=0, help="of the program; 0 is one a core")
    runner.add_argument("--work", type=pathlib.Path, default=work, help="where sessions and results go")
    renderer = commands.add_parser("render", help="print the page")
    renderer.add_argument("--work", type=pathlib.Path, default=work)
    renderer.add_argument("--output", type=pathlib.Path, help="the file to write, such as docs/real-models.md")
    for command in (runner, renderer):
        command.add_argument("--json", type=pathlib.Path, help="the results; results.json of the work folder")
    arguments = parser.parse_args()
    arguments.json = arguments.json or arguments.work / "results.json"
    run(arguments) if arguments.command == "run" else render(arguments)


if __name__ == "__main__":
    main()
