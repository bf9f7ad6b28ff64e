"""Writes PyTorch's numbers as JSON files beside this one, for tests to compare with.

Every file is a list of cases: a name, settings (numbers) and tensors (shape and values). All is computed in double
precision; inputs have few digits, so that single precision starts from nearly the same. A case that has "gradient.output"
has the gradients that follow from it under "gradient." and the name of the tensor.

    python write.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).parent


def random(*shape, scale=1.0):
    """Normally distributed numbers of three decimals."""
    return torch.round(torch.randn(*shape) * scale * 1000) / 1000


def tensor(values):
    values = values.detach()
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.flatten().tolist()]}


def case(name, tensors, settings=None):
    settings = {key: float(value) for key, value in (settings or {}).items()}
    return {"name": name, "settings": settings, "tensors": {key: tensor(v) for key, v in tensors.items()}}


def differentiated(name, compute, inputs, settings=None, others=None):
    """A case of one output, and the gradients of all inputs that follow from a random gradient of it."""
    inputs = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    output = compute(**inputs)
    gradient = random(*output.shape)
    output.backward(gradient)
    tensors = dict(inputs, output=output, **(others or {}))
    tensors["gradient.output"] = gradient
    for key, value in inputs.items():
        tensors["gradient." + key] = value.grad
    return case(name, tensors, settings)


def write(file, cases):
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (FOLDER / file).write_text(f"[\n{text}\n]\n")


def same(size, kernel, stride):
    """What SAME padding adds in front of an axis and behind it; negative numbers crop."""
    total = ((size + stride - 1) // stride - 1) * stride + kernel - size
    return total // 2, total - total // 2


def convolutions():
    def convolution(name, batch, channels, size, out, kernel, stride=1, padding=0, groups=1, dilation=1):
        rows, columns = (0, 0), (0, 0)
        if padding and dilation > 1:
            rows = columns = (padding, padding)
        elif padding:
            rows, columns = (same(s, k, stride) for s, k in zip(size, kernel))

        def compute(input, weight, bias):
            padded = F.pad(input, (*columns, *rows))
            return F.conv2d(padded, weight, bias, stride=stride, groups=groups, dilation=dilation)

        inputs = {
            "input": random(batch, channels, *size),
            "weight": random(out, channels // groups, *kernel, scale=0.5),
            "bias": random(out),
        }
        settings = {
            "kernelHeight": kernel[0], "kernelWidth": kernel[1], "stride": stride, "padding": padding,
            "groups": groups, "dilation": dilation,
        }
        return differentiated(name, compute, inputs, settings)

    write("conv2d.json", [
        convolution("plain", 2, 3, (5, 6), 4, (3, 3)),
        convolution("1x1", 2, 5, (3, 4), 4, (1, 1)),
        convolution("SAME, stride 2, even size", 2, 3, (6, 8), 4, (3, 3), stride=2, padding=1),
        convolution("SAME, crops", 1, 2, (5, 8), 3, (1, 2), stride=3, padding=1),
        convolution("grouped", 2, 6, (4, 5), 4, (3, 2), padding=1, groups=2),
        convolution("dilated", 2, 2, (7, 6), 3, (3, 3), padding=2, dilation=2),
        convolution("dilated, strided, more padding", 1, 2, (8, 7), 3, (3, 2), stride=2, padding=3, dilation=3),
    ])
    write("depthwise.json", [
        convolution("stride 1", 2, 5, (5, 4), 5, (3, 3), padding=1, groups=5),
        convolution("stride 2", 2, 4, (6, 5), 4, (5, 3), stride=2, padding=2, groups=4),
    ])


def batch_norms():
    def batch_norm(name, shape, training):
        """The channels are the second axis; of a sequence (batch, time, features) the last."""
        channels = shape[2] if len(shape) == 3 else shape[1]
        mean, variance = random(channels), random(channels).abs() + 0.5
        before = {"runningMean.before": mean.clone(), "runningVariance.before": variance.clone()}

        def compute(input, gamma, beta):
            values = input.transpose(1, 2) if len(shape) == 3 else input
            result = F.batch_norm(values, mean, variance, gamma, beta, training, momentum=0.1, eps=1e-5)
            return result.transpose(1, 2) if len(shape) == 3 else result

        inputs = {"input": random(*shape) + 0.3, "gamma": random(channels).abs() + 0.1, "beta": random(channels)}
        others = dict(before, runningMean=mean, runningVariance=variance)
        return differentiated(name, compute, inputs, {"training": training}, others)

    write("batchnorm.json", [
        batch_norm("maps", (3, 4, 3, 2), True),
        batch_norm("vectors", (5, 6), True),
        batch_norm("sequences", (2, 4, 3), True),
        batch_norm("maps in evaluation", (2, 4, 3, 2), False),
    ])


def linears():
    def linear(name, shape, out):
        inputs = {"input": random(*shape), "weight": random(out, shape[-1], scale=0.5), "bias": random(out)}
        return differentiated(name, F.linear, inputs)

    write("linear.json", [linear("vectors", (3, 7), 5), linear("sequences", (2, 4, 6), 3)])


def resizings():
    def largest(input):
        return F.max_pool2d(input, (2, 3), stride=2)

    def mean(input):
        return F.avg_pool2d(input, (3, 2), stride=2)

    def padded_mean(input):
        return F.avg_pool2d(input, 3, stride=1, padding=1, count_include_pad=True)

    def interpolated(input):
        return F.interpolate(input, scale_factor=(2, 3), mode="bilinear", align_corners=False)

    def shuffled(input):
        return F.pixel_shuffle(input, 2)

    def repeated(input):
        return F.interpolate(input, scale_factor=(2, 3), mode="nearest")

    write("maxpool.json", [
        differentiated("2x3, stride 2", largest, {"input": random(2, 3, 6, 7)}, {
            "kernelHeight": 2, "kernelWidth": 3, "stride": 2, "padding": 0}),
    ])
    write("avgpool.json", [
        differentiated("3x2, stride 2", mean, {"input": random(2, 3, 7, 6)}, {
            "kernelHeight": 3, "kernelWidth": 2, "stride": 2, "padding": 0}),
        differentiated("padding counts", padded_mean, {"input": random(2, 2, 4, 5)}, {
            "kernelHeight": 3, "kernelWidth": 3, "stride": 1, "padding": 1}),
    ])
    write("unpool.json", [
        differentiated("bilinear", interpolated, {"input": random(2, 2, 3, 4)}, {
            "kernelHeight": 2, "kernelWidth": 3}),
        differentiated("nearest", repeated, {"input": random(2, 2, 3, 4)}, {
            "kernelHeight": 2, "kernelWidth": 3}),
    ])
    write("pixelshuffle.json", [
        differentiated("2", shuffled, {"input": random(2, 8, 3, 2)}, {"factor": 2}),
    ])


class Passing(torch.autograd.Function):
    """A function whose gradient passes as if it were the identity."""

    @staticmethod
    def forward(context, values, function):
        return function(values)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


def rounded(values):
    # A half that a sum of quotients misses by the noise of floating point is a half.
    values = torch.round(values * 2**30) / 2**30
    below = torch.floor(values)
    distance = values - below
    tie = (distance >= 0.5) & (distance < 0.501)
    return torch.where(tie, below + torch.remainder(below, 2), torch.where(distance < 0.5, below, below + 1))


def rounded_magnitude(values):
    return torch.sign(values) * rounded(values.abs())


class State:
    """The grids inside an LSTM cell; `family` None is float."""

    def __init__(self, family, bits):
        self.family = family
        self.steps = 2 ** bits - 1 if family == "NPU" else 2 ** (bits - 1) - 1

    @property
    def first(self):
        return -1.0 if self.family == "NPU" else 0.0

    def gate(self, values):
        opened = torch.clamp((values + 3) / 6, 0, 1)
        return opened if self.family is None else Passing.apply(opened, lambda v: rounded(v * self.steps) / self.steps)

    def signed(self, values):
        if self.family is None:
            return values
        round_to = {
            "NPU": lambda v: 2 * rounded((v + 1) / 2 * self.steps) / self.steps - 1,
            "SIMD": lambda v: rounded_magnitude(v * self.steps) / self.steps,
        }[self.family]
        return Passing.apply(torch.clamp(values, -1, 1), round_to)

    def tanh(self, values):
        result = values * (27 + values**2) / (27 + 9 * values**2)
        return result if self.family is None else self.signed(torch.clamp(result, -1, 1))

    def cell(self, f, c, i, g):
        if self.family is None:
            return f * c + i * g
        return self.signed((self.signed(f * c) + self.signed(i * g)) / 2)


def recurrents():
    def direction(state, sequence, weight, bias, backwards):
        batch, length, _ = sequence.shape
        hidden = weight.shape[0] // 4
        h = torch.full((batch, hidden), state.first)
        c = torch.full((batch, hidden), state.first)
        results = [None] * length
        for time in reversed(range(length)) if backwards else range(length):
            z = torch.cat([sequence[:, time], h], dim=1) @ weight.T + bias
            i, f, g, o = z.chunk(4, dim=1)
            c = state.cell(state.gate(f), c, state.gate(i), state.tanh(g))
            h = state.signed(state.gate(o) * state.tanh(c))
            results[time] = h
        return torch.stack(results, dim=1), h, c

    def lstm(name, family, bits, directions):
        batch, length, features, hidden = 2, 4, 3, 5
        state = State(family, bits)

        def compute(input, **parameters):
            runs = [
                direction(
                    state, input, parameters[key + ".weight"], parameters[key + ".bias"], key == "backward")
                for key in directions
            ]
            features, h, c = (torch.cat(parts, dim=-1) for parts in zip(*runs))
            return torch.cat([features.flatten(1), h, c], dim=1)

        inputs = {"input": random(batch, length, features)}
        for key in directions:
            inputs[key + ".weight"] = random(4 * hidden, features + hidden)
            inputs[key + ".bias"] = random(4 * hidden)
        settings = {"hidden": hidden, "bits": bits, "isNPU": family == "NPU"}
        return differentiated(name, compute, inputs, settings)

    # The output is the sequence, the last hidden and the last cell state of each sample, one after another.
    write("lstm.json", [
        lstm("float", None, 32, ["forward"]),
        lstm("float, two directions", None, 32, ["forward", "backward"]),
        lstm("NPU, 4 bits, two directions", "NPU", 4, ["forward", "backward"]),
        lstm("NPU, 8 bits", "NPU", 8, ["forward"]),
        lstm("SIMD, 4 bits, two directions", "SIMD", 4, ["forward", "backward"]),
        lstm("SIMD, 8 bits", "SIMD", 8, ["forward"]),
    ])


def quantized_weight(weight, bits, factor, family):
    """The values of a quantized weight; the first axis are the channels."""
    levels, half = 2**bits - 1, 2 ** (bits - 1)
    reach = factor * weight.std(unbiased=False)
    clipped = torch.clamp(weight, weight.mean() - reach, weight.mean() + reach)
    axes = tuple(range(1, weight.dim()))
    before, after = weight.abs().amax(axes, keepdim=True), clipped.abs().amax(axes, keepdim=True)
    codes = rounded((clipped / after + 1) / 2 * levels)
    if family == "NPU":
        return torch.clamp(before, min=1e-4) * (2 * codes - levels) / levels
    return torch.where(before < 0.05, before + 0.05, before) * (codes - half) / half


class LearnedClip(torch.autograd.Function):
    """A feature quantizer whose clip is learned by its logarithm."""

    @staticmethod
    def forward(context, values, log_clip, bits, signed, family):
        levels, half, clip = 2**bits - 1, 2 ** (bits - 1), log_clip.exp()
        context.save_for_backward(values, clip)
        context.signed, context.levels = signed, levels
        held = torch.clamp(values, -clip if signed else torch.zeros(()), clip)
        if not signed:
            return rounded(held / clip * levels) / levels
        if family == "NPU":
            return 2 * rounded((held + clip) / (2 * clip) * levels) / levels - 1
        return torch.clamp(rounded_magnitude(held / clip * half), -half, half - 1) / half

    @staticmethod
    def backward(context, gradient):
        values, clip = context.saved_tensors
        lowest = -clip if context.signed else torch.zeros(())
        inside = (values >= lowest) & (values <= clip)
        sign = (values > clip).to(gradient) - ((values < -clip) & context.signed).to(gradient)
        share = (gradient * sign).sum() / (values.numel() * context.levels) ** 0.5
        return gradient / clip * inside, share.reshape(1), None, None, None


def quantized_layers():
    def layer(name, family, signed, weight_bits, bits, clip, prelu=False):
        kernel, factor = (3, 3), 2.0

        def compute(input, weight, bias, gamma, beta, logClip, slope=None):
            wq = Passing.apply(weight, lambda w: quantized_weight(w, weight_bits, factor, family))
            sums = F.conv2d(F.pad(input, (1, 1, 1, 1)), wq, bias)
            normed = F.batch_norm(
                sums, None, None, torch.clamp(gamma, min=0.01), beta, True, momentum=0.1, eps=1e-5)
            if slope is not None:
                normed = F.prelu(normed, slope)
            return LearnedClip.apply(normed, logClip, bits, signed, family)

        inputs = {
            "input": random(2, 3, 4, 5), "weight": random(4, 3, *kernel, scale=0.3), "bias": random(4),
            "gamma": torch.tensor([1.2, 0.8, 0.005, 1.5]), "beta": random(4),
            "logClip": torch.tensor([clip]).log(),
        }
        if prelu:
            inputs["slope"] = torch.tensor([0.25, 0.1, 0.5, -0.2])
        settings = {
            "isNPU": family == "NPU", "isSigned": signed, "weightBits": weight_bits, "outputBits": bits,
            "weightFactor": factor, "clip": clip,
        }
        return differentiated(name, compute, inputs, settings)

    write("quantized.json", [
        layer("NPU, unsigned", "NPU", False, 4, 4, 1.5),
        layer("NPU, signed", "NPU", True, 8, 4, 1.25),
        layer("NPU, PReLU", "NPU", True, 4, 8, 1.5, prelu=True),
        layer("SIMD, unsigned", "SIMD", False, 4, 4, 1.5),
        layer("SIMD, signed", "SIMD", True, 2, 5, 1.25),
        layer("SIMD, PReLU", "SIMD", True, 8, 2, 1.5, prelu=True),
    ])


def losses():
    """The gradient of each loss by its input; a loss is the mean over the batch."""
    def loss(name, compute, input, target):
        input = input.clone().requires_grad_()
        value = compute(input, target)
        value.backward()
        return case(name, {
            "input": input, "target": target.double(), "loss": value.reshape(1), "gradient.input": input.grad})

    def distillation(input, teacher):
        """The temperature's square keeps gradients as large as those of labels."""
        return 4 * F.cross_entropy(input / 2, F.softmax(teacher / 2, dim=1))

    logits = random(4, 5, scale=2)
    one_hot = F.one_hot(torch.tensor([0, 3, 4, 2]), 5).double()
    write("losses.json", [
        loss("cross-entropy", F.cross_entropy, logits, torch.tensor([0, 3, 4, 2])),
        loss("binary cross-entropy", F.binary_cross_entropy_with_logits, logits, (random(4, 5) > 0).double()),
        loss("mean squared error", F.mse_loss, logits, random(4, 5)),
        loss("binary cross-entropy of a class", F.binary_cross_entropy_with_logits, logits, one_hot),
        loss("mean squared error of a class", F.mse_loss, logits, one_hot),
        loss("distillation at temperature 2", distillation, logits, random(4, 5, scale=2)),
    ])
    targets_of_tasks()


def targets_of_tasks():
    """Smoothed and weighted labels, the classes of pixels and numbers: the mean loss and its gradient."""
    def loss(name, compute, input, tensors, settings=None):
        input = input.clone().requires_grad_()
        value = compute(input)
        value.backward()
        return case(name, dict(
            tensors, input=input, loss=value.reshape(1), **{"gradient.input": input.grad}), settings)

    logits, labels = random(4, 5, scale=2), torch.tensor([1, 0, 4, 4])
    weights = torch.tensor([0.5, 2.0, 0.25, 1.25])
    smoothed = F.one_hot(labels, 5).double() * 0.9 + 0.1 / 5
    tensors = {"labels": labels.double(), "weights": weights}
    labelled = [
        loss(
            "cross-entropy", lambda x: (weights * F.cross_entropy(x, labels, label_smoothing=0.1, reduction="none")).mean(),
            logits, tensors, {"smoothing": 0.1}),
        loss(
            "binary-cross-entropy",
            lambda x: (weights[:, None] * F.binary_cross_entropy_with_logits(x, smoothed, reduction="none")).mean(),
            logits, tensors, {"smoothing": 0.1}),
        loss(
            "mean-squared-error", lambda x: (weights[:, None] * (x - smoothed).square()).mean(), logits, tensors,
            {"smoothing": 0.1}),
    ]

    def segmentation(name, channels, height, width, rows, columns):
        """Outputs with channels last; a cell is compared with the pixel where it begins."""
        masks = torch.randint(max(2, channels), (2, rows, columns))
        masks[torch.rand(masks.shape) < 0.2] = 255
        cells = masks[:, torch.arange(height) * rows // height][:, :, torch.arange(width) * columns // width]
        if channels > 1:
            compute = lambda x: F.cross_entropy(x.permute(0, 3, 1, 2), cells, ignore_index=255)
        else:
            compute = lambda x: F.binary_cross_entropy_with_logits(x[cells != 255, 0], cells[cells != 255].double())
        return loss(name, compute, random(2, height, width, channels, scale=2), {"masks": masks.double()})

    wanted = random(3, 4, scale=2)
    write("targets.json", labelled + [
        segmentation("segmentation", 3, 4, 5, 4, 5), segmentation("segmentation of a smaller map", 4, 3, 2, 7, 6),
        segmentation("segmentation with one channel", 1, 4, 3, 8, 9),
        loss("regression", lambda x: F.smooth_l1_loss(x, wanted), random(3, 4, scale=2), {"wanted": wanted}),
    ])


def optimizers():
    """A parameter after each of three steps with given gradients."""
    def steps(name, build, **settings):
        parameter = random(6).requires_grad_()
        optimizer = build([parameter])
        tensors = {"start": parameter.clone()}
        for step in range(1, 4):
            parameter.grad = random(6)
            tensors[f"gradient.{step}"] = parameter.grad.clone()
            optimizer.step()
            tensors[f"after.{step}"] = parameter.clone()
        return case(name, tensors, settings)

    write("optimizers.json", [
        steps("SGD", lambda p: torch.optim.SGD(p, lr=0.1), learningRate=0.1, momentum=0, nesterov=0, weightDecay=0),
        steps(
            "SGD with momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
            learningRate=0.1, momentum=0.9, nesterov=0, weightDecay=0.01),
        steps(
            "SGD with Nesterov's momentum",
            lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.02),
            learningRate=0.05, momentum=0.8, nesterov=1, weightDecay=0.02),
        steps(
            "Adam", lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1),
            learningRate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8, weightDecay=0.1),
        steps(
            "AdamW", lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.99), eps=1e-8, weight_decay=0.1),
            learningRate=0.01, beta1=0.8, beta2=0.99, epsilon=1e-8, weightDecay=0.1),
    ])


for seed, family in enumerate([
    convolutions, batch_norms, linears, resizings, recurrents, quantized_layers, losses, optimizers,
]):
    torch.manual_seed(seed)
    family()
