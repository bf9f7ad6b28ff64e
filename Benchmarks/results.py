#!/usr/bin/env python3
"""Trains the samples on real data and writes docs/results.md.

  Benchmarks/results.py run --data DIR --work DIR [NAME ...]   trains; a log a run in the work folder
  Benchmarks/results.py render --work DIR                      writes docs/results.md from the logs

DIR has the data sets as folders: mnist, cifar10, spoken-digits, bccd. Only Python's own library is needed. Runs that have
a complete log already are not done again.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIGITS = ",".join(
    f"{split}-{what}={split}-{name}-idx{axes}-ubyte.gz"
    for split in ("train", "test")
    for what, name, axes in (("images", "features", 3), ("labels", "labels", 1))
)

# name: (title, sample, data, arguments, seeds, title of each stage, what is asked of it)
EXPERIMENTS = {
    "mnist-w8a8": (
        "MNIST, network-t40 (T40)", "network-t40", "mnist:{data}/mnist",
        "--epochs 2 --optimizer adam", 3, ["8 bit"], {"8 bit": "99.0 %"}),
    "mnist-recipe": (
        "MNIST, network-t40 (T40), recipe 32,8,4", "network-t40", "mnist:{data}/mnist",
        "--recipe 32,8,4 --epochs 1,1,2 --optimizer adam", 3, ["float", "8 bit", "4 bit"], {"4 bit": "98.7 %"}),
    "digits-w8a8": (
        "Spoken digits, spoken-digits-lstm (T40)", "spoken-digits-lstm", "idx:{data}/spoken-digits," + DIGITS,
        "--epochs 15 --optimizer adam", 3, ["8 bit"], {"8 bit": "94 %"}),
    "cifar-recipe": (
        "CIFAR-10 (20,000 training images), resnet20-cifar (Txx)", "resnet20-cifar",
        "cifar10:{data}/cifar10,augment=flip+crop",
        "--recipe 32,8,4 --epochs 20,10,4 --learning-rate 0.1,0.05,0.001 --weight-decay 5e-4 --warmup 200 --batch 128",
        3, ["float", "8 bit", "4 bit"], {"8 bit": "float - 0.5", "4 bit": "float - 1.5"}),
}
# name: (title, arguments)
ARITHMETIC = {
    "float": ("float", "--arithmetic float --gradients float"),
    "codes": ("codes", "--arithmetic codes --gradients float"),
    "codes-bf16": ("codes, gradients in bfloat16", "--arithmetic codes --gradients bf16"),
}

# The search over bits: training of the 8 bit network, the sweep, and the training after it, of the mix and of 8 bit alike.
SEARCH = {
    "sample": "network-t40", "data": "cifar10:{data}/cifar10,augment=flip+crop,validation=0.1",
    "train": "--recipe 32,8 --epochs 24,8 --learning-rate 0.05,0.02 --weight-decay 5e-4 --warmup 200 --batch 128",
    "sweep": "--bits 4,8 --budget 64% --samples 256",
    "after": "--from-weights --epochs 4 --optimizer sgd --learning-rate 0.005 --weight-decay 5e-4 --batch 128",
    "seeds": 2,
}


# The detector: three runs one after the other, each measured on the test list.
DETECTOR = {
    "sample": "celldet", "data": "voc:{data}/bccd",
    "train": "--optimizer adam --learning-rate 0.002 --batch 16 --warmup 50",
    "stages": [("float", "--recipe 32 --epochs 60"), ("8 bit", "--recipe 8 --epochs 40 --from-weights"),
               ("4 bit", "--recipe 4 --epochs 50 --from-weights")],
    "seeds": 3,
}


def log_path(work, name, arithmetic, seed):
    suffix = "" if arithmetic == "float" else f"-{arithmetic}"
    return work / f"{name}{suffix}-{seed}.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def is_complete(path):
    return path.exists() and any(line["event"] == "end" and line["reason"] == "finished" for line in lines(path))


def train(arguments, name, seed):
    _, sample, data, options, *_ = EXPERIMENTS[name]
    path = log_path(arguments.work, name, arguments.arithmetic, seed)
    if is_complete(path):
        return
    session = path.with_suffix(".magik")
    shutil.rmtree(session, ignore_errors=True)
    program = str(arguments.program)
    subprocess.run([program, "new", str(session), "--from", sample], check=True, stdout=subprocess.DEVNULL)
    command = [program, "train", str(session), "--json", "--data", data.format(data=arguments.data), *options.split()]
    command += ["--seed", str(seed), "--threads", str(arguments.threads), *ARITHMETIC[arguments.arithmetic][1].split()]
    with path.open("w") as log:
        subprocess.run(command, check=True, stdout=log)
    print("done:", path.name, flush=True)


def run(arguments):
    arguments.work.mkdir(parents=True, exist_ok=True)
    names = arguments.names or [*EXPERIMENTS, "search", "detector"]
    jobs = [(name, seed) for name in names if name in EXPERIMENTS for seed in range(1, EXPERIMENTS[name][4] + 1)]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(lambda job: train(arguments, *job), jobs))
        if "search" in names:
            list(pool.map(lambda seed: search(arguments, seed), range(1, SEARCH["seeds"] + 1)))
        if "detector" in names:
            list(pool.map(lambda seed: detect(arguments, seed), range(1, DETECTOR["seeds"] + 1)))


def search(arguments, seed):
    """Trains at 8 bit, sweeps, applies, trains again; what came out goes to search-SEED.json."""
    path = arguments.work / f"search-{seed}.json"
    if path.exists():
        return
    program, data = str(arguments.program), SEARCH["data"].format(data=arguments.data)
    common = ["--data", data, "--threads", str(arguments.threads)]

    def call(*words):
        return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout

    base, mix, eight = (arguments.work / f"{name}-{seed}.magik" for name in ["base", "mix", "eight"])
    if not (base / "weights.safetensors").exists():
        shutil.rmtree(base, ignore_errors=True)
        call("new", str(base), "--from", SEARCH["sample"])
        call("train", str(base), *common, *SEARCH["train"].split(), "--seed", str(seed))
    for copy in [mix, eight]:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(base, copy)
    start = time.monotonic()
    sweep = json.loads(call("sweep", str(mix), *common, *SEARCH["sweep"].split(), "--apply", "--json"))
    result = {"minutes": (time.monotonic() - start) / 60, "looks": len(sweep["trials"]) + len(sweep["mixes"])}
    result["bytes"] = [sweep["baseline"]["weightBytes"], sweep["chosen"]["weightBytes"]]
    result["choices"] = [f"{choice['layer']} {choice['value']:.0f}" for choice in sweep["chosen"]["choices"]]
    for copy in [mix, eight]:
        call("train", str(copy), *common, *SEARCH["after"].split(), "--seed", str(seed))
    for name, session in [("base", base), ("mix", mix), ("eight", eight)]:
        result[name] = json.loads(call("eval", str(session), *common, "--json"))["accuracy"] * 100
    check = subprocess.run(
        [program, "check", str(mix), "--format", "json"], check=False, capture_output=True, text=True).stdout
    device = json.loads(check)["devices"][0]
    result["errors"], result["warnings"] = device["errors"], device["warnings"]
    path.write_text(json.dumps(result, indent=2) + "\n")
    print("done:", path.name, flush=True)


def searches(work):
    """The lines of the page about the search; none where it was not run."""
    found = [json.loads(path.read_text()) for path in sorted(work.glob("search-*.json"))]
    if not found:
        return []
    lines = [
        "", "## A mix of 4 and 8 bits", "",
        "`network-t40` trained at 8 bit on CIFAR-10, then `magikbench sweep --apply`, then a short training of the mix and,",
        "beside it, of the 8 bit network. Accuracy on the test set in %; what is chosen is chosen by SQNR on validation samples.",
        "", "| seed | weight bytes | saved | 4 bit | 8 bit | mix, trained again | 8 bit, trained again | errors on T40 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for seed, one in enumerate(found, 1):
        before, after = one["bytes"]
        narrow = " ".join(choice.split()[0] for choice in one["choices"])
        lines.append(
            f"| {seed} | {after:,} of {before:,} | {100 - 100 * after / before:.0f} % | {narrow} | {one['base']:.2f} "
            f"| {one['mix']:.2f} | {one['eight']:.2f} | {one['errors']} |")
    lines += ["", "Options: `train " + SEARCH["train"] + "`, `sweep " + SEARCH["sweep"] + "`,", "then `train " + SEARCH["after"] + "`."]
    return lines


def detect(arguments, seed):
    """Trains the detector in float, at 8 and at 4 bit, by one engine; what the test list gives goes to detector-ENGINE-SEED.json."""
    path = arguments.work / f"detector-{arguments.engine}-{seed}.json"
    if path.exists():
        return
    program, data = str(arguments.program), DETECTOR["data"].format(data=arguments.data)
    session = path.with_suffix(".magik")
    shutil.rmtree(session, ignore_errors=True)
    threads = ["--threads", str(arguments.threads)]

    def call(*words):
        return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout

    call("new", str(session), "--from", DETECTOR["sample"])
    result = {}
    for title, options in DETECTOR["stages"][:arguments.stages]:
        command = [program, "train", str(session), "--data", data + ",augment=detection", "--seed", str(seed), *threads,
                   "--engine", arguments.engine, *DETECTOR["train"].split(), *options.split()]
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(run.pid, 0)
        if status:
            raise RuntimeError(" ".join(command) + " failed")
        found = {"processor": (used.ru_utime + used.ru_stime) / 60}
        for name in ["float"] if title == "float" else ["quantized", "integer"]:
            flags = [] if name == "quantized" else ["--" + name]
            found[name] = json.loads(call("eval", str(session), "--data", data, "--json", *threads, *flags))
        result[title] = found
    path.write_text(json.dumps(result, indent=2) + "\n")
    print("done:", path.name, flush=True)


def detectors(work):
    """The lines of the page about the detector; none where it was not trained."""
    lines = [
        "", "## A detector of blood cells", "",
        "`celldet` (T40, 346,672 parameters, 240x320) on bccd, from scratch: mAP at an overlap of .5 on the test list in %, each",
        "seed and the mean. The best weights on the validation list are kept. Minutes are those of a processor, on one thread.",
        "", "| engine | stage | mAP@.5 | mean | in integers | mAP@.5:.95 | " + " | ".join(["RBC", "WBC", "Platelets"]) + " | minutes |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    head = len(lines)
    for engine in ["own", "torch"]:
        found = [json.loads(path.read_text()) for path in sorted(work.glob(f"detector-{engine}-*.json"))]
        for title, _ in DETECTOR["stages"] if found else []:
            mode = "float" if title == "float" else "quantized"
            runs = [run[title][mode] for run in found if title in run]
            if not runs:
                continue

            def mean(values):
                return f"{100 * statistics.mean(values):.2f}"

            classes = [mean([run["classes"][place]["ap50"] for run in runs]) for place in range(3)]
            whole = [run[title]["integer"]["map50"] for run in found if "integer" in run.get(title, {})]
            each = ", ".join(f"{100 * run['map50']:.2f}" for run in runs)
            lines.append(
                f"| {engine} | {title} | {each} | {mean([run['map50'] for run in runs])} "
                f"| {mean(whole) if whole else ''} | {mean([run['map'] for run in runs])} | {' | '.join(classes)} "
                f"| {statistics.mean([run[title]['processor'] for run in found if title in run]):.1f} |")
    if len(lines) == head:
        return []
    options = "; ".join(f"{title}: `{DETECTOR['train']} {words}`" for title, words in DETECTOR["stages"])
    return [*lines, "", "Options of `train`, beside `--data voc:DIR,augment=detection`: " + options + "."]


def accuracies(path, stages):
    """The last evaluation of each stage."""
    last = {}
    for line in lines(path):
        if line["event"] == "evaluation":
            last[line["stage"]] = line["accuracy"] * 100
    return [last.get(stage) for stage in range(stages)]


def cell(values):
    mean = statistics.mean(values)
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{mean:.2f} ± {spread:.2f}"


def rows(work):
    for name, (title, _, _, options, seeds, stages, asked) in EXPERIMENTS.items():
        for arithmetic in ARITHMETIC:
            paths = [log_path(work, name, arithmetic, seed) for seed in range(1, seeds + 1)]
            paths = [path for path in paths if is_complete(path)]
            if not paths:
                continue
            runs = [accuracies(path, len(stages)) for path in paths]
            for index, stage in enumerate(stages):
                values = [found[index] for found in runs]
                each = ", ".join(f"{value:.2f}" for value in values)
                yield (title, stage, ARITHMETIC[arithmetic][0], cell(values), each, asked.get(stage, ""), options)


def render(arguments):
    table = list(rows(arguments.work))
    text = [
        "# Results on real data",
        "",
        "Accuracy on the test set in %, after the last epoch of each stage: mean and standard deviation over seeds, then each",
        "seed. Nothing was chosen on the test set. The data is not part of the project; `Benchmarks/results.py` repeats all of it:",
        "",
        "```sh",
        "Benchmarks/results.py run --data DIR --work DIR && Benchmarks/results.py render --work DIR",
        "```",
        "",
        "| network and data | stage | arithmetic | accuracy | seeds | asked |",
        "|---|---|---|---|---|---|",
    ]
    text += [f"| {row[0]} | {row[1]} | {row[2]} | {row[3]} | {row[4]} | {row[5]} |" for row in table]
    text += ["", "Options of each run, beside data, seed and `--threads 1`:", "", "| network and data | options |", "|---|---|"]
    seen = dict.fromkeys((row[0], row[6]) for row in table)
    text += [f"| {title} | `{options}` |" for title, options in seen]
    text += searches(arguments.work) + detectors(arguments.work)
    (ROOT / "docs" / "results.md").write_text("\n".join(text) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run")
    runner.add_argument("names", nargs="*", choices=[[], "search", "detector", *EXPERIMENTS])
    runner.add_argument("--data", required=True, type=pathlib.Path)
    runner.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/release/magikbench")
    runner.add_argument("--threads", type=int, default=1)
    runner.add_argument("--jobs", type=int, default=2)
    runner.add_argument("--arithmetic", choices=ARITHMETIC, default="float")
    runner.add_argument("--engine", choices=["own", "torch"], default="own", help="what trains the detector")
    runner.add_argument("--stages", type=int, default=3, help="so many of the detector's stages: float, 8 bit, 4 bit")
    renderer = commands.add_parser("render")
    for command in (runner, renderer):
        command.add_argument("--work", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    run(arguments) if arguments.command == "run" else render(arguments)


if __name__ == "__main__":
    main()
