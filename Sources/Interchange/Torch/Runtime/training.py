import copy
import json
import math
import os
import signal
import sys
import time

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

# Training by a plan, alone or together with others under torchrun.

FLOAT = 32
MINUTE = 60


class Machine:
    """The processes that train together, and this one's place among them."""

    def __init__(self, threads=0):
        if threads:
            torch.set_num_threads(threads)
        # Products as exact as those of a CPU: TF32 keeps 10 bits of each number.
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        self.device = torch.device("cpu")
        if torch.cuda.is_available():
            self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
            torch.cuda.set_device(self.device)
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.backend = "nccl" if self.device.type == "cuda" else "gloo"
        if "RANK" in os.environ:
            distributed.init_process_group(self.backend)
        self.is_stopped = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def stop(self, *_):
        self.is_stopped = True

    def share(self, tensors):
        """Gives all processes the tensors of the first."""
        if distributed.is_initialized():
            for tensor in tensors:
                distributed.broadcast(tensor, 0)

    def summed(self, *numbers):
        """The sums of numbers over all processes; each must ask at the same place."""
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        if distributed.is_initialized():
            distributed.all_reduce(total)
        return total.tolist()

    def say(self, event, **facts):
        """Writes a line of JSON. A closed pipe ends the run."""
        if self.rank:
            return
        try:
            print(json.dumps({"event": event} | facts, allow_nan=False), flush=True)
        except BrokenPipeError:
            self.is_stopped = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Run:
    """A run of a plan from its checkpoint, or from the beginning."""

    def __init__(self, machine, networks, plan, data, folder, checkpoint=None, weights=None, teacher=None):
        self.machine, self.networks, self.plan, self.data, self.folder = machine, networks, plan, data, folder
        self.state = {
            "stage": 0, "stageStep": 0, "step": 0, "epoch": 0, "sample": 0, "stageEpoch": 0, "best": None,
            "epochsSinceBest": 0,
        }
        self.data_digest, self.memory = "", None
        tensors, source = None, checkpoint or weights
        if source:
            tensors, metadata = read_safetensors(source)
        if checkpoint:
            self.state, self.data_digest = json.loads(metadata["state"]), metadata.get("data", "")
            self.memory = (tensors, int(metadata["optimizer.steps"]))
        self.network = self.network_of(self.stage).to(machine.device)
        self.network.load(tensors, source) if source else self.network.draw(plan["seed"])
        self.batch, self.batches = plan["batch"], plan.get("accumulate", 1)
        self.samples = self.batch * self.batches
        self.steps_an_epoch = data.count("train") // self.samples
        if self.batch % machine.count:
            raise Fault(f"a batch of {self.batch} samples cannot be shared by {machine.count} processes alike")
        if not self.steps_an_epoch:
            raise Fault(f"{data.count('train')} training samples do not fill a step of {self.samples}")
        every = sum(stage["epochs"] for stage in plan["stages"]) * self.steps_an_epoch
        self.steps = min(every, plan["stepLimit"] or every)
        self.evaluated = "validation" if data.count("validation") else "test"
        self.teacher = None
        if plan["loss"] == "distillation":
            if not teacher:
                raise Fault("distillation needs the float weights that it learns from: --teacher FILE")
            self.teacher = networks[None]().load(read_safetensors(teacher)[0], teacher).to(machine.device)
            self.teacher.quantize(False).eval()
        self.objective = objective_of(self.network, plan)
        self.measures, self.saved = {"accuracy": None}, time.monotonic()
        self.average = None

    @property
    def stage(self):
        return self.plan["stages"][self.state["stage"]]

    @property
    def result(self):
        """What the stage made: the average of its weights where the plan asks for one, else those of the last step."""
        return self.average or self.network

    @property
    def is_quantized(self):
        return self.stage["bits"] != FLOAT

    @property
    def is_stale(self):
        patience = self.plan["patience"]
        return patience is not None and self.state["epochsSinceBest"] >= patience

    def network_of(self, stage):
        bits = None if stage["bits"] == FLOAT else stage["bits"]
        if bits not in self.networks:
            raise Fault(f"this file has no network at {bits} bit; export it again with --recipe")
        return self.networks[bits]()

    def run(self):
        """Trains until the plan is done or a stop is requested; says whether it is done."""
        learned = sum(value.numel() for value in self.network.parameters())
        self.machine.say(
            "start", parameters=learned, threads=torch.get_num_threads(), processes=self.machine.count,
            backend=self.machine.backend, device=self.machine.device.type, steps=self.steps,
            doneSteps=self.state["step"], data=self.plan["data"])
        while True:
            if not self.run_stage():
                return False
            if self.state["stage"] + 1 >= len(self.plan["stages"]) or self.state["step"] >= self.steps:
                return True
            self.state |= {"stage": self.state["stage"] + 1, "stageStep": 0, "stageEpoch": self.state["epoch"]}
            self.state |= {"best": None, "epochsSinceBest": 0}
            self.network = self.network_of(self.stage).to(self.machine.device).adopt(self.result)

    def run_stage(self):
        """Trains one stage; False if a stop was requested."""
        if self.is_stale:
            return True
        plan, stage, state = self.plan, self.stage, self.state
        self.network.quantize(self.is_quantized).train()
        self.average = self.begun_average()
        factors = factors_of(self.network, plan)
        self.optimizer = optimizer_of(
            self.network, stage["optimizer"], stage["learningRate"], plan["weightDecay"], factors)
        self.restore()
        model = DistributedDataParallel(self.network) if distributed.is_initialized() else self.network
        steps = stage["epochs"] * self.steps_an_epoch
        order, times, share = None, [], self.batch // self.machine.count
        while state["stageStep"] < steps and state["step"] < self.steps:
            if state["sample"] + self.samples > self.data.count("train"):
                if self.end_epoch():
                    return True
                order, times = None, []
                continue
            if order is None:
                order = self.data.order(state["epoch"])
            firsts = [state["sample"] + part * self.batch + self.machine.rank * share for part in range(self.batches)]
            batches = (self.data.batch("train", order[first : first + share], state["epoch"]) for first in firsts)
            rate = stage["learningRate"] * share_of_rate(plan["schedule"], state["stageStep"], steps, plan["warmup"])
            self.network.freeze_ranges(state["stageStep"] >= plan["freezeAfter"] * steps)
            loss, right, norm, is_stopped = self.step(model, batches, rate)
            state["step"] += 1
            state["stageStep"] += 1
            state["sample"] += self.samples
            self.follow()
            times = (times + [time.monotonic()])[-32:]
            speed = (len(times) - 1) * self.samples / max(1e-9, times[-1] - times[0])
            self.machine.say(
                "step", step=state["step"], epoch=state["epoch"], stage=state["stage"], loss=loss,
                accuracy=None if right is None else right / self.samples, learningRate=rate, imagesPerSecond=speed,
                gradientNorm=norm)
            if is_stopped:
                self.save()
                return False
            if time.monotonic() - self.saved > MINUTE:
                self.save()
        if state["sample"]:
            self.end_epoch()
        return True

    def step(self, model, batches, rate):
        """Computes the gradients of batches and applies their mean; nothing is applied where a number is not finite."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimizer.zero_grad(set_to_none=True)
        total, count = 0.0, 0.0
        for values, labels in batches:
            values, labels = values.to(self.machine.device), labels.to(self.machine.device)
            results = model(values)
            results = results if isinstance(results, tuple) else (results,)
            self.objective.check(results, self.data)
            wanted = None
            if self.teacher:
                with torch.no_grad():
                    wanted = self.teacher.answers(values)
            loss, right = self.objective.loss(results, labels, wanted)
            (loss / self.batches).backward()
            total += loss.item() / self.batches
            count += -1.0 if right is None else right.item()
        loss, count, stops = self.machine.summed(total / self.machine.count, count, float(self.machine.is_stopped))
        gradients = [value.grad for value in self.network.parameters() if value.grad is not None]
        norm = torch.stack([gradient.double().square().sum() for gradient in gradients]).sum().sqrt().item()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            found = self.first_not_finite()
            raise Fault(f"step {self.state['step'] + 1}: {found} is not finite; a smaller learning rate may help")
        limit = self.plan["gradientNorm"]
        if limit is not None and norm > limit:
            for gradient in gradients:
                gradient.mul_(limit / norm)
        self.optimizer.step()
        return loss, None if count < 0 else count, norm, stops > 0

    def begun_average(self):
        """The average at the start of a stage: what the checkpoint has, or the weights of this moment."""
        if self.plan.get("average") is None:
            return None
        average = copy.deepcopy(self.network).eval()
        if self.memory is not None:
            parameters, buffers = dict(average.named(average.named_parameters())), average.numbers()
            with torch.no_grad():
                for name, value in buffers.items():
                    prefix = "average." if name in parameters else "evaluation."
                    found = self.memory[0].get(prefix + name)
                    if found is not None:
                        value.copy_(found)
        return average

    @torch.no_grad()
    def follow(self):
        """Moves the average towards the weights of this step; its decay rises from nothing."""
        if self.average is None:
            return
        share = 1 - self.plan["average"] * (1 - math.exp(-self.state["stageStep"] / 2000))
        theirs = self.network.numbers()
        for name, value in self.average.numbers().items():
            value.lerp_(theirs[name], share)

    def first_not_finite(self):
        for name, value in self.network.named(self.network.named_parameters()):
            if value.grad is not None and not torch.isfinite(value.grad).all():
                return f"the gradient of '{name}'"
        return "the loss"

    def end_epoch(self):
        """Evaluates and writes a checkpoint; True where the stage has not become better for too long."""
        state = self.state
        state["epoch"] += 1
        state["sample"] = 0
        is_best = True
        if self.plan["loss"] != "distillation" and self.data.count(self.evaluated):
            # Each process has seen statistics of its own since the last step began.
            self.machine.share(self.network.buffers())
            if self.average:
                self.machine.share(self.average.buffers())
            loss, self.measures = evaluate(self.result, self.data, self.evaluated, self.plan, self.machine)
            self.network.train()
            score = score_of(self.measures)
            is_best = state["best"] is None or score > state["best"]
            state["best"] = score if is_best else state["best"]
            state["epochsSinceBest"] = 0 if is_best else state["epochsSinceBest"] + 1
            self.machine.say(
                "evaluation", epoch=state["epoch"], step=state["step"], stage=state["stage"], split=self.evaluated,
                quantized=self.is_quantized, loss=loss, **self.measures)
        self.save(is_best)
        return self.is_stale

    def save(self, is_best=False):
        """Writes everything that a resumed run needs; the best weights first, since a resumed run cannot find them again."""
        self.saved = time.monotonic()
        if self.machine.rank:
            return
        tensors, memories = self.network.numbers(), ["momentum_buffer"]
        if self.stage["optimizer"]["rule"] == "adam":
            memories = ["exp_avg", "exp_avg_sq"]
        for index, memory in enumerate(memories):
            for name, value in self.network.named(self.network.named_parameters()):
                found = self.optimizer.state.get(value, {}).get(memory)
                tensors[f"optimizer.{index}.{name}"] = torch.zeros_like(value) if found is None else found
        if self.average:
            parameters = dict(self.average.named(self.average.named_parameters()))
            for name, value in self.average.numbers().items():
                tensors[("average." if name in parameters else "evaluation.") + name] = value
        metadata = {
            "network": self.network.digest, "format": "magikbench checkpoint 1", "data": self.data_digest,
            "state": json.dumps(self.state, separators=(",", ":")), "optimizer.steps": str(self.state["stageStep"]),
        }
        for name in ["best", "checkpoint"] if is_best else ["checkpoint"]:
            path = os.path.join(self.folder, f"{name}.safetensors")
            write_safetensors(path, tensors, metadata)
        self.machine.say("checkpoint", path=path, step=self.state["step"], epoch=self.state["epoch"], best=is_best)

    def restore(self):
        """Gives the optimizer of a run that goes on what it remembered."""
        if self.memory is None:
            return
        (tensors, steps), self.memory = self.memory, None
        if not steps:
            return
        for name, value in self.network.named(self.network.named_parameters()):
            found = [tensors.get(f"optimizer.{index}.{name}") for index in range(2)]
            if found[0] is None:
                raise Fault(f"the checkpoint has no state of the optimizer for '{name}'")
            found = [memory if memory is None else memory.to(value.device) for memory in found]
            if self.stage["optimizer"]["rule"] == "sgd":
                self.optimizer.state[value] = {"momentum_buffer": found[0]}
            else:
                step = torch.tensor(float(steps))
                self.optimizer.state[value] = {"step": step, "exp_avg": found[0], "exp_avg_sq": found[1]}

    def weights(self):
        """What is kept of a run that is done: the best on held-out samples, else the last."""
        best = os.path.join(self.folder, "best.safetensors")
        if self.evaluated == "validation" and os.path.exists(best):
            tensors, metadata = read_safetensors(best)
            if json.loads(metadata["state"])["stage"] == self.state["stage"]:
                # An average has other numbers than the steps went on with.
                best = {name: tensors.get("evaluation." + name, value) for name, value in tensors.items()}
                return {name: tensors.get("average." + name, best[name]) for name in self.network.numbers()}
        return self.result.numbers()


@torch.no_grad()
def evaluate(network, data, split, plan, machine):
    """The mean loss over a part of the data and what its task measures; each process asks its share."""
    network.eval()
    objective, total, count, rows = objective_of(network, plan), 0.0, 0, []
    places = torch.arange(data.count(split))[machine.rank :: machine.count]
    for part in places.split(plan["batch"]):
        values, labels = data.batch(split, part)
        results = network.answers(values.to(machine.device))
        labels = labels.to(machine.device)
        objective.check(results, data)
        loss, _ = objective.loss(results, labels)
        total, count, rows = total + loss.item() * len(part), count + len(part), rows + objective.rows(results, labels)
    total, count = machine.summed(total, count)
    return total / max(1, count), objective.measured(gathered(rows))
