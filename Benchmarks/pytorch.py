"""Trains a network of ours in PyTorch on random data, to measure its steps.

The network is read from a session's network.json. Where PyTorch has a cheaper way to the same shapes, it takes that:
windows are padded alike on both sides, batch norm is not folded into weights, an LSTM quantizes states but not gates.
Quantized training has 8 bits a tensor for features and 8 bits a channel for weights, in one of two ways:

- observed: torch.ao's fused fake quantizers, whose ranges follow what they see;
- fixed: what an expert writes for speed. Plain operators that the compiler fuses: clip, scale, round, with the gradient
  straight through; features between 0 (or minus the clip) and a fixed clip, weights clipped at mean +- 3 standard
  deviations of their channel.

    python pytorch.py samples/network-t40.magik/network.json --mode quantized --quantizers fixed --compiled
    python pytorch.py samples/network-t40.magik/network.json --mode float --compiled --serve

Prints one line of JSON: milliseconds of a step, images a second, peak bytes. With --serve it answers every line of stdin
with such a line, and ends with stdin.
"""

import argparse
import json
import resource
import statistics
import sys
import time
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
torch._dynamo.config.recompile_limit = 1000
from torch.ao.quantization import (  # noqa: E402
    FusedMovingAvgObsFakeQuantize,
    MovingAverageMinMaxObserver,
    MovingAveragePerChannelMinMaxObserver,
)

QUANTIZERS = "observed"


def straight_through(value, rounded):
    """The rounded value, with the gradient of the value."""
    return value + (rounded - value).detach()


class FixedFeatures(nn.Module):
    """Features on a grid of 256 steps up to a clip that nobody measures."""

    def __init__(self, signed, clip=6.0):
        super().__init__()
        self.low, self.high = (-clip, clip) if signed else (0.0, clip)
        self.step = (self.high - self.low) / 255

    def forward(self, value):
        value = value.clamp(self.low, self.high)
        return straight_through(value, torch.round(value / self.step) * self.step)


class FixedWeights(nn.Module):
    """Weights clipped at mean +- 3 standard deviations of their output channel, 255 steps each way around 0."""

    def forward(self, weight):
        rest = tuple(range(1, weight.dim()))
        with torch.no_grad():
            mean, deviation = weight.mean(rest, keepdim=True), weight.std(rest, keepdim=True)
            low, high = mean - 3 * deviation, mean + 3 * deviation
            step = torch.maximum(low.abs(), high.abs()) / 127 + 1e-12
        weight = torch.minimum(torch.maximum(weight, low), high)
        return straight_through(weight, torch.round(weight / step).clamp(-128, 127) * step)


def feature_quantizer(signed):
    if QUANTIZERS == "fixed":
        return FixedFeatures(signed)
    low, high, kind = (-128, 127, torch.qint8) if signed else (0, 255, torch.quint8)
    return FusedMovingAvgObsFakeQuantize(
        observer=MovingAverageMinMaxObserver, quant_min=low, quant_max=high, dtype=kind)


def weight_quantizer():
    if QUANTIZERS == "fixed":
        return FixedWeights()
    return FusedMovingAvgObsFakeQuantize(
        observer=MovingAveragePerChannelMinMaxObserver, quant_min=-128, quant_max=127, dtype=torch.qint8,
        qscheme=torch.per_channel_symmetric, ch_axis=0)


class Step(nn.Module):
    """Whatever a layer does after its sum: batch norm, activation, feature quantizer."""

    def __init__(self, layer, channels, quantized, norm, activation):
        super().__init__()
        self.norm = norm(channels) if norm else nn.Identity()
        kinds = {
            "none": nn.Identity, "Linear": nn.Identity, "ReLU": nn.ReLU, "ReLU6": nn.ReLU6,
            "LeakyReLU": lambda: nn.LeakyReLU(0.01), "PReLU": lambda: nn.PReLU(channels),
            "Hsigmoid": nn.Hardsigmoid, "Hswish": nn.Hardswish}
        self.activation = kinds[activation]()
        is_quantized = quantized and layer.get("quantize", False) and not layer.get("isLast", False)
        signed = activation in ("Linear", "LeakyReLU", "PReLU", "Hswish")
        self.quantizer = feature_quantizer(signed) if is_quantized else nn.Identity()

    def forward(self, value):
        return self.quantizer(self.activation(self.norm(value)))


class Product(nn.Module):
    """A convolution or a matrix, its weights quantized, and its step."""

    def __init__(self, layer, channels, quantized, depthwise=False):
        super().__init__()
        is_matrix = layer["type"] == "FullConnected"
        out = channels if depthwise else layer.get("outChannels", 10 if is_matrix else 32)
        self.stride = layer.get("stride", 1)
        self.groups = channels if depthwise else layer.get("groups", 1)
        kernel = (layer.get("kernelHeight", 3), layer.get("kernelWidth", 3))
        self.padding = tuple(size // 2 for size in kernel) if layer.get("padding", 0) else (0, 0)
        shape = (out, channels) if is_matrix else (out, channels // self.groups, *kernel)
        self.weight = nn.Parameter(torch.empty(shape))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        has_bias = layer.get("bias", True)
        self.bias = nn.Parameter(torch.zeros(out)) if has_bias else None
        is_quantized = quantized and layer.get("quantize", False)
        self.quantizer = weight_quantizer() if is_quantized else nn.Identity()
        norm = (nn.BatchNorm1d if is_matrix else nn.BatchNorm2d) if layer.get("batchNorm", False) else None
        self.step = Step(layer, out, quantized, norm, layer.get("activation", "ReLU6"))
        self.is_matrix = is_matrix

    def forward(self, value):
        weight = self.quantizer(self.weight)
        if self.is_matrix:
            return self.step(F.linear(value, weight, self.bias))
        return self.step(
            F.conv2d(value, weight, self.bias, self.stride, self.padding, groups=self.groups))


class Recurrent(nn.Module):
    """One direction of an LSTM, axes batch, time, features: hard sigmoid (z + 3) / 6, rational tanh."""

    def __init__(self, layer, features, quantized, reverse):
        super().__init__()
        self.hidden, self.reverse = layer.get("hiddenSize", 64), reverse
        self.weight = nn.Parameter(torch.empty(4 * self.hidden, features + self.hidden))
        nn.init.uniform_(self.weight, -0.05, 0.05)
        self.bias = nn.Parameter(torch.zeros(4 * self.hidden))
        is_quantized = quantized and layer.get("quantize", False)
        self.quantizer = weight_quantizer() if is_quantized else nn.Identity()
        self.cell_quantizer = feature_quantizer(True) if is_quantized else nn.Identity()
        self.state_quantizer = feature_quantizer(True) if is_quantized else nn.Identity()

    @staticmethod
    def tanh(x):
        square = x * x
        return (x * (27 + square) / (27 + 9 * square)).clamp(-1, 1)

    def forward(self, value):
        weight = self.quantizer(self.weight)
        state = cell = value.new_zeros(value.shape[0], self.hidden)
        steps = value.unbind(1)
        results = []
        for step in reversed(steps) if self.reverse else steps:
            sums = F.linear(torch.cat([step, state], 1), weight, self.bias)
            i, f, g, o = sums.chunk(4, 1)
            cell = F.hardsigmoid(f) * cell + F.hardsigmoid(i) * self.tanh(g)
            cell = self.cell_quantizer(cell)
            state = self.state_quantizer(F.hardsigmoid(o) * self.tanh(cell))
            results.append(state)
        return torch.stack(results[::-1] if self.reverse else results, 1)


class Directions(nn.Module):
    def __init__(self, layer, features, quantized):
        super().__init__()
        ways = (False, True) if layer.get("bidirectional", False) else (False,)
        self.ways = nn.ModuleList(Recurrent(layer, features, quantized, way) for way in ways)

    def forward(self, value):
        # A map (batch, channels, 1, time) becomes (batch, time, channels).
        value = value.squeeze(2).transpose(1, 2) if value.dim() == 4 else value
        return torch.cat([way(value) for way in self.ways], 2)


class Unpool(nn.Module):
    """Each value at the top left of its cell of zeros."""

    def forward(self, value):
        batch, channels, height, width = value.shape
        wide = torch.zeros(
            batch, channels, 2 * height, 2 * width).to(memory_format=torch.channels_last)
        wide[:, :, ::2, ::2] = value
        return wide


class Combine(nn.Module):
    def __init__(self, layer, channels, quantized):
        super().__init__()
        self.step = Step(layer, channels, quantized, None, layer.get("activation", "ReLU6"))

    def forward(self, *values):
        return self.step(values[0] + values[1])


class Mean(nn.Module):
    def __init__(self, layer, quantized):
        super().__init__()
        self.keeps = layer.get("keepDimensions", True)
        self.step = Step(layer, 0, quantized, None, "none")

    def forward(self, value):
        return self.step(value.mean((2, 3), keepdim=self.keeps))


class Call(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *values):
        return self.function(*values)


def made(layer, channels, quantized):
    """The module of a layer that reads tensors of so many channels, and the channels that it gives."""
    kind = layer["type"]
    if kind in ("Conv2D", "FullConnected"):
        module = Product(layer, channels[0], quantized)
        return module, module.weight.shape[0]
    if kind == "DepthwiseConv2D":
        return Product(layer, channels[0], quantized, depthwise=True), channels[0]
    if kind == "BatchNorm":
        norm = nn.BatchNorm2d
        return Step(layer, channels[0], quantized, norm, layer.get("activation", "Linear")), channels[0]
    if kind == "Shortcut":
        return Combine(layer, channels[0], quantized), channels[0]
    if kind == "AdaptiveAvgpool2D":
        return Mean(layer, quantized), channels[0]
    if kind == "LSTM":
        module = Directions(layer, channels[0], quantized)
        return module, len(module.ways) * layer.get("hiddenSize", 64)
    if kind == "Unpool2D":
        return nn.UpsamplingNearest2d(scale_factor=2) if layer.get("mode") == "nearest" else Unpool(), channels[0]
    if kind == "Maxpool2D":
        size = (layer.get("kernelHeight", 2), layer.get("kernelWidth", 2))
        return nn.MaxPool2d(size, layer.get("stride", 2), layer.get("padding", 0)), channels[0]
    if kind == "Route":
        return Call(lambda *values: torch.cat(values, 1)), sum(channels)
    if kind == "Flatten":
        return Call(lambda value: value.flatten(1)), layer["shape"][-1]
    if kind == "Preprocess":
        return nn.Identity(), channels[0]
    raise SystemExit(f"pytorch.py does not know {kind}")


class Network(nn.Module):
    """The layers of a network.json, in the order of the file."""

    def __init__(self, document, quantized):
        super().__init__()
        self.input = document["inputs"][0]
        self.layers = document["layers"]
        read = {name for layer in self.layers for name in layer["inputs"]}
        self.outputs = [layer["name"] for layer in self.layers if layer["name"] not in read]
        for layer in self.layers:
            layer["isLast"] = layer["name"] in self.outputs
        channels = {self.input["name"]: self.input["shape"][0]}
        self.steps = nn.ModuleList()
        for layer in self.layers:
            module, channels[layer["name"]] = made(
                layer, [channels[name] for name in layer["inputs"]], quantized)
            self.steps.append(module)

    def forward(self, value):
        values = {self.input["name"]: value}
        for layer, step in zip(self.layers, self.steps):
            values[layer["name"]] = step(*[values[name] for name in layer["inputs"]])
        return [values[name] for name in self.outputs]


class Training:
    """Steps of SGD with momentum on one random batch: cross-entropy of a vector of scores, the mean square of maps."""

    def __init__(self, document, batch, quantized, compiled, bf16):
        torch.manual_seed(1)
        network = Network(document, quantized).to(memory_format=torch.channels_last)
        self.batch = batch
        self.images = torch.rand(batch, *document["inputs"][0]["shape"]).to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, 10, (batch,))
        self.optimizer = torch.optim.SGD(
            network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True)

        def loss(images, labels):
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                outputs = network(images)
            return sum(
                F.cross_entropy(output.float(), labels) if output.dim() == 2 else output.float().square().mean()
                for output in outputs)

        self.loss = torch.compile(loss, dynamic=False) if compiled else loss

    def run(self, steps):
        """The milliseconds of a step, over so many."""
        start = time.perf_counter()
        for _ in range(steps):
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.images, self.labels).backward()
            self.optimizer.step()
        return (time.perf_counter() - start) * 1000 / steps

    def report(self, milliseconds):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(
            json.dumps(
                {"millisecondsPerStep": milliseconds, "imagesPerSecond": self.batch * 1000 / milliseconds,
                 "peakBytes": peak, "version": torch.__version__}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network")
    parser.add_argument("--mode", choices=["float", "quantized"], required=True)
    parser.add_argument("--compiled", action="store_true", help="torch.compile; eager without it")
    parser.add_argument("--quantizers", choices=["observed", "fixed"], default="observed")
    parser.add_argument("--bf16", action="store_true", help="products in bfloat16 (autocast)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=0, help="0 is PyTorch's own choice")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of three steps")
    parser.add_argument("--serve", action="store_true", help="a round for every line of stdin")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    global QUANTIZERS
    QUANTIZERS = arguments.quantizers
    with open(arguments.network) as file:
        document = json.load(file)
    training = Training(document, arguments.batch, arguments.mode == "quantized", arguments.compiled, arguments.bf16)
    training.run(3)
    if not arguments.serve:
        training.report(statistics.median(training.run(3) for _ in range(arguments.rounds)))
        return
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        training.report(training.run(3))


if __name__ == "__main__":
    main()
