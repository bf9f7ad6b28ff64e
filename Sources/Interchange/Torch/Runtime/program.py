import argparse
import json
import os
import sys
import time
import traceback

import torch
from torch import distributed

# The commands of this file.


def parsed(networks, plan):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="trains, alone or under torchrun; prints one JSON object a line")
    train.add_argument("--plan", help="the plan as JSON; without it, the one in this file")
    train.add_argument("--weights", help="begins with the numbers of this file")
    train.add_argument("--checkpoint", help="goes on with the run of this file")
    train.add_argument("--teacher", help="the float weights that distillation learns from")
    train.add_argument("--folder", default=".", help="where checkpoints are written")
    train.add_argument("-o", "--output", help="where the weights are written at the end")
    train.add_argument("--threads", type=int, default=0, help="threads of each process")
    train.add_argument("--data", help="in place of the plan's, as are those below")
    for option in ("--epochs", "--batch", "--steps", "--seed"):
        train.add_argument(option, type=int)
    train.add_argument("--learning-rate", type=float)
    test = commands.add_parser("evaluate", help="prints the loss over the test samples, and accuracy or what else the task measures")
    test.add_argument("--data", required=True)
    test.add_argument("--loss", default=plan["loss"])
    gradients = commands.add_parser("gradients", help="writes loss and gradients of one batch, and its results")
    batch = "a safetensors file: inputs by name, and labels, or gradient.N of each result"
    gradients.add_argument("--batch", required=True, help=batch)
    gradients.add_argument("-o", "--output", required=True)
    gradients.add_argument("--loss", default=plan["loss"])
    gradients.add_argument("--double", action="store_true", help="computes with 64 bits")
    for command in (test, gradients):
        command.add_argument("--weights", required=True)
        command.add_argument("--float", action="store_true", help="no quantizer acts")
    return parser.parse_args()


def train_command(arguments, networks, plan):
    if arguments.plan:
        with open(arguments.plan, encoding="utf-8") as file:
            plan = json.load(file)
    given = {"data": arguments.data, "batch": arguments.batch, "stepLimit": arguments.steps, "seed": arguments.seed}
    plan |= {key: value for key, value in given.items() if value is not None}
    for stage in plan["stages"]:
        stage["epochs"] = arguments.epochs or stage["epochs"]
        stage["learningRate"] = arguments.learning_rate or stage["learningRate"]
    machine, begun, network = Machine(arguments.threads), time.monotonic(), networks[None]
    print(json.dumps({"event": "worker", "rank": machine.rank, "process": os.getpid()}), flush=True)
    if len(network.inputs) != 1:
        raise Fault(f"data sets feed one input; this network has {len(network.inputs)}")
    data = opened_data(plan["data"], network, plan["seed"])
    begin = arguments.checkpoint, arguments.weights, arguments.teacher
    run = Run(machine, networks, plan, data, arguments.folder, *begin)
    is_finished = run.run()
    if is_finished and arguments.output and not machine.rank:
        metadata = {"network": run.network.digest, "format": "magikbench weights 1"}
        write_safetensors(arguments.output, run.weights(), metadata)
    machine.say(
        "end", reason="finished" if is_finished else "interrupted", steps=run.state["step"],
        seconds=time.monotonic() - begun, **run.measures)


def evaluate_command(arguments, networks, plan):
    machine, network = Machine(), networks[None]()
    network.load(read_safetensors(arguments.weights)[0], arguments.weights).quantize(not arguments.float)
    data = opened_data(arguments.data, network, plan["seed"])
    loss = arguments.loss
    if loss == "distillation":
        # There is no teacher to measure the distance from.
        loss = "cross-entropy" if network.kind() == "classification" else network.kind()
    plan = plan | {"loss": loss}
    loss, measures = evaluate(network.to(machine.device), data, "test", plan, machine)
    mode = "float" if arguments.float else "quantized"
    if not machine.rank:
        print(json.dumps({"mode": mode, "count": data.count("test"), "loss": loss} | measures))


def gradients_command(arguments, networks, plan):
    batch = read_safetensors(arguments.batch)[0]
    network = networks[None]()
    network.load(read_safetensors(arguments.weights)[0], arguments.weights).quantize(not arguments.float).train()
    kind = torch.float64 if arguments.double else torch.float32
    network = network.to(kind)
    inputs = {name: batch[name].to(kind).requires_grad_() for name in network.inputs}
    results = network.answers(*inputs.values())
    if "labels" in batch:
        loss, _ = loss_of(arguments.loss, results, batch["labels"].long())
    else:
        given = [batch[f"gradient.{place}"].to(kind) for place in range(len(results))]
        loss = sum((result * gradient).sum() for result, gradient in zip(results, given))
    loss.backward()
    named = network.named(network.named_parameters())
    learned = [(f"gradient.{name}", value) for name, value in named]
    learned += [(f"gradient.input.{name}", value) for name, value in inputs.items()]
    found = {name: torch.zeros_like(value) if value.grad is None else value.grad for name, value in learned}
    statistics = dict(network.named(network.named_buffers()))
    results = {f"result.{place}": value for place, value in enumerate(results)}
    write_safetensors(arguments.output, found | statistics | results | {"loss": loss.reshape(1)}, {})


def main(networks, plan):
    arguments = parsed(networks, plan)
    commands = {"train": train_command, "evaluate": evaluate_command, "gradients": gradients_command}
    rank = int(os.environ.get("RANK", 0))
    try:
        commands[arguments.command](arguments, networks, plan)
        if distributed.is_initialized():
            # A process that leaves before the others breaks their last messages.
            distributed.barrier()
    except Fault as fault:
        failed(arguments, rank, str(fault), is_own=True)
    except Exception as error:
        traceback.print_exc()
        # A process that others left hears of it as a failed message: theirs is the cause.
        is_own = "gloo" not in str(error).lower() and "nccl" not in str(error).lower()
        failed(arguments, rank, f"{type(error).__name__}: {error}".splitlines()[0], is_own)
    if distributed.is_initialized():
        distributed.destroy_process_group()


def failed(arguments, rank, message, is_own):
    if arguments.command == "train":
        print(json.dumps({"event": "error", "rank": rank, "own": is_own, "message": message}), flush=True)
    print(f"{sys.argv[0]}: {message}", file=sys.stderr, flush=True)
    # At once: a process group whose others are gone would wait for them.
    os._exit(2)
