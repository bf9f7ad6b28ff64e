import math

import torch
import torch.nn.functional as F
from torch import nn

# The layers. Maps have axes sample, channel, height, width; sequences sample, time, feature.

EPSILON, MOMENTUM, LEAST_GAMMA = 1e-5, 0.1, 0.01


class Layer(nn.Module):
    """A layer of the network; its quantizers act while `is_quantized`."""

    is_quantized = True

    def acting(self, quantizer):
        """The quantizer, or None where it does not act."""
        return quantizer if self.is_quantized else None

    def quantized_weight(self, weight, quantizer):
        quantizer = self.acting(quantizer)
        return weight if quantizer is None else quantizer(weight)


ACTIVATIONS = ("none", "Linear", "ReLU", "ReLU6", "LeakyReLU", "PReLU", "Hsigmoid", "Hswish")


class Epilogue(Layer):
    """What follows a sum: bias, batch norm, activation and quantizer."""

    freezes_ranges = False

    def __init__(self, channels, bias=False, norm=False, activation="none", result=None, learned_clip=None):
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"no activation is called {activation}")
        self.activation, self.result, self.has_norm = activation, result, norm
        if bias:
            # Batch norm takes a bias away again: it has nothing to learn there.
            self.bias = nn.Parameter(torch.zeros(channels), requires_grad=not norm)
        if norm:
            self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
            self.register_buffer("running_mean", torch.zeros(channels))
            self.register_buffer("running_variance", torch.ones(channels))
        if activation == "PReLU":
            self.slope = nn.Parameter(torch.full((channels,), 0.25))
        if learned_clip is not None:
            self.log_clip = nn.Parameter(torch.tensor([math.log(learned_clip)]))

    def finish(self, values):
        """The layer's result from its sums; of a sequence the features are the channels."""
        if values.dim() == 3:
            return self.finish_channels(values.transpose(1, 2)).transpose(1, 2)
        return self.finish_channels(values)

    def finish_channels(self, values):
        if self.has_norm:
            values = self.normalize(values)
        result = self.acting(self.result)
        if result is None:
            return activated(values, self.activation, getattr(self, "slope", None))
        if self.activation == "Hsigmoid":
            return result(values + 3)
        if self.activation in ("LeakyReLU", "PReLU", "Hswish"):
            values = activated(values, self.activation, getattr(self, "slope", None))
        return result(values, getattr(self, "log_clip", None))

    def normalize(self, values):
        gamma = torch.clamp(self.gamma, min=LEAST_GAMMA)
        mean, variance = self.running_mean, self.running_variance
        if self.freezes_ranges or not self.training:
            return F.batch_norm(values, mean, variance, gamma, self.beta, eps=EPSILON)
        return F.batch_norm(values, mean, variance, gamma, self.beta, True, MOMENTUM, EPSILON)


def activated(values, activation, slope=None):
    """An activation as it is written."""
    if activation in ("none", "Linear"):
        return values
    if activation == "ReLU":
        return F.relu(values)
    if activation == "ReLU6":
        return F.relu6(values)
    if activation == "LeakyReLU":
        return F.leaky_relu(values, 0.01)
    if activation == "PReLU":
        return F.prelu(values, values.new_full((1,), 0.25) if slope is None else slope)
    gate = torch.clamp((values + 3) / 6, 0, 1)
    if activation == "Hsigmoid":
        return gate
    if activation == "Hswish":
        return values * gate
    raise ValueError(f"no activation is called {activation}")


def framed(values, sides, fill):
    """A map in a frame of a value; sides are top, left, bottom, right, and crop where they are negative."""
    top, left, bottom, right = sides
    return values if not any(sides) else F.pad(values, (left, right, top, bottom), value=fill)


class Conv2d(Epilogue):
    """Convolution; `fill` surrounds the map while quantizers act, else 0."""

    def __init__(
        self, inputs, channels, kernel, weight, stride=1, sides=(0, 0, 0, 0), fill=0.0, groups=1, dilation=1,
        focus=False, **epilogue
    ):
        super().__init__(channels, **epilogue)
        self.weight = nn.Parameter(torch.empty(channels, inputs // groups, *kernel))
        self.weight_quantizer, self.stride, self.sides, self.fill = weight, stride, sides, fill
        self.groups, self.dilation, self.focus = groups, dilation, focus

    def forward(self, values):
        if self.focus:
            rows = values[:, :, 0::2], values[:, :, 1::2]
            values = torch.cat([row[..., column::2] for column in (0, 1) for row in rows], 1)
        values = framed(values, self.sides, self.fill if self.is_quantized else 0.0)
        weight = self.quantized_weight(self.weight, self.weight_quantizer)
        bias = getattr(self, "bias", None)
        return self.finish(F.conv2d(values, weight, bias, self.stride, 0, self.dilation, self.groups))


class ConvTranspose2d(Epilogue):
    """Upsampling by 2, then a 3x3 convolution: how the T chips replace a transposed convolution."""

    def __init__(self, inputs, channels, weight, fill=0.0, **epilogue):
        super().__init__(channels, **epilogue)
        self.weight = nn.Parameter(torch.empty(channels, inputs, 3, 3))
        self.weight_quantizer, self.fill = weight, fill

    def forward(self, values):
        wide = F.interpolate(values, scale_factor=2, mode="nearest")
        wide = framed(wide, (1, 1, 1, 1), self.fill if self.is_quantized else 0.0)
        weight = self.quantized_weight(self.weight, self.weight_quantizer)
        return self.finish(F.conv2d(wide, weight, getattr(self, "bias", None)))


class SeparableConvTranspose2d(Epilogue):
    """Upsampling by 2, a 3x3 convolution of each channel, and a 1x1 convolution: the same on the X chips."""

    def __init__(self, inputs, channels, depthwise, pointwise, inner=None, **epilogue):
        super().__init__(channels, **epilogue)
        self.depthwise_weight = nn.Parameter(torch.empty(inputs, 1, 3, 3))
        self.pointwise_weight = nn.Parameter(torch.empty(channels, inputs, 1, 1))
        self.depthwise_quantizer, self.pointwise_quantizer, self.inner = depthwise, pointwise, inner

    def forward(self, values):
        wide = F.interpolate(values, scale_factor=2, mode="nearest")
        weight = self.quantized_weight(self.depthwise_weight, self.depthwise_quantizer)
        wide = F.conv2d(wide, weight, padding=1, groups=wide.shape[1])
        inner = self.acting(self.inner)
        wide = F.relu6(wide) if inner is None else inner(wide, getattr(self, "log_clip", None))
        weight = self.quantized_weight(self.pointwise_weight, self.pointwise_quantizer)
        return self.finish(F.conv2d(wide, weight, getattr(self, "bias", None)))


class Dense(Epilogue):
    """Matrix product over the features of a vector, or of each step of a sequence."""

    def __init__(self, inputs, channels, weight, **epilogue):
        super().__init__(channels, **epilogue)
        self.weight = nn.Parameter(torch.empty(channels, inputs))
        self.weight_quantizer = weight

    def forward(self, values):
        weight = self.quantized_weight(self.weight, self.weight_quantizer)
        return self.finish(F.linear(values, weight, getattr(self, "bias", None)))


class BatchNorm(Epilogue):
    """Batch norm by itself."""

    def __init__(self, channels, **epilogue):
        super().__init__(channels, norm=True, **epilogue)

    def forward(self, values):
        return self.finish(values)


class SqueezeExcite(Layer):
    """The mean of each channel decides, through two 1x1 convolutions, how much of it goes on."""

    def __init__(self, channels, rate, weight, expand_weight, mean, inner, result, steps, product_steps, bias, norm):
        super().__init__()
        small = channels // rate
        self.reduce_weight = nn.Parameter(torch.empty(small, channels, 1, 1))
        self.expand_weight = nn.Parameter(torch.empty(channels, small, 1, 1))
        if bias:
            self.reduce_bias = nn.Parameter(torch.zeros(small), requires_grad=not norm)
            self.expand_bias = nn.Parameter(torch.zeros(channels), requires_grad=not norm)
        self.reduce = Epilogue(small, norm=norm, activation="ReLU6", result=inner)
        gate = None if inner is None else FeatureQuantizer(inner.bits, "unsigned", 6.0)
        self.expand = Epilogue(channels, norm=norm, activation="Hsigmoid", result=gate)
        self.reduce_quantizer, self.expand_quantizer = weight, expand_weight
        self.mean, self.result, self.steps, self.product_steps = mean, result, steps, product_steps

    def forward(self, values):
        gate = mean_of(values, values.shape[2:], 1, self.acting(self.mean), self.steps)
        weight = self.quantized_weight(self.reduce_weight, self.reduce_quantizer)
        gate = self.reduce.finish(F.conv2d(gate, weight, getattr(self, "reduce_bias", None)))
        weight = self.quantized_weight(self.expand_weight, self.expand_quantizer)
        gate = self.expand.finish(F.conv2d(gate, weight, getattr(self, "expand_bias", None)))
        return product_of(values, gate, self.acting(self.result), self.product_steps)


def mean_of(values, window, stride, quantizer, steps):
    """The mean of each window, of whole steps where the input has them."""
    if quantizer is None:
        return F.avg_pool2d(values, tuple(window), stride)
    if not steps:
        return quantizer(F.avg_pool2d(values, tuple(window), stride))
    # The sum of whole steps is exact, so that a half stays a half.
    count = window[0] * window[1]
    total = F.avg_pool2d(WholeSteps.apply(values, steps), tuple(window), stride, divisor_override=1)
    return quantizer(total / count, unit=steps)


def product_of(first, second, quantizer, steps):
    """The product of two, of whole steps where both are on one grid."""
    if quantizer is None:
        return first * second
    if not steps:
        return quantizer(first * second)
    product = WholeSteps.apply(first, steps) * WholeSteps.apply(second, steps)
    return quantizer(product, unit=steps * steps)


class MaxPool(Layer):
    """The largest value of each window, what surrounds the map among them."""

    def __init__(self, window, stride, sides=(0, 0, 0, 0), fill=0.0):
        super().__init__()
        self.window, self.stride, self.sides, self.fill = window, stride, sides, fill

    def forward(self, values):
        values = framed(values, self.sides, self.fill if self.is_quantized else 0.0)
        return F.max_pool2d(values, self.window, self.stride)


class MeanPool(Layer):
    """The mean of each window, or of the whole map."""

    def __init__(self, window=None, stride=1, sides=(0, 0, 0, 0), fill=0.0, result=None, steps=0, keeps_axes=True):
        super().__init__()
        self.window, self.stride, self.sides, self.fill = window, stride, sides, fill
        self.result, self.steps, self.keeps_axes = result, steps, keeps_axes

    def forward(self, values):
        values = framed(values, self.sides, self.fill if self.is_quantized else 0.0)
        window = self.window or values.shape[2:]
        mean = mean_of(values, window, self.stride, self.acting(self.result), self.steps)
        return mean if self.keeps_axes else mean.flatten(1)


class Unpool(Layer):
    """Upsampling: "zero" leaves the other places of a cell empty, "nearest" repeats, "bilinear" interpolates."""

    def __init__(self, factors, mode, fill=0.0):
        super().__init__()
        self.factors, self.mode, self.fill = factors, mode, fill

    def forward(self, values):
        if self.mode == "nearest":
            return F.interpolate(values, scale_factor=self.factors, mode="nearest")
        if self.mode == "bilinear":
            return F.interpolate(values, scale_factor=self.factors, mode="bilinear", align_corners=False)
        (samples, channels, height, width), (down, across) = values.shape, self.factors
        fill = self.fill if self.is_quantized else 0.0
        wide = values.new_full((samples, channels, height * down, width * across), fill)
        wide[:, :, ::down, ::across] = values
        return wide


class Shortcut(Layer):
    """The sum of two."""

    def __init__(self, activation, result=None, steps=0):
        super().__init__()
        self.activation, self.result, self.steps = activation, result, steps

    def forward(self, first, second):
        result = self.acting(self.result)
        if result is None:
            return activated(first + second, self.activation)
        if not self.steps:
            return result(first + second)
        total = WholeSteps.apply(first, self.steps) + WholeSteps.apply(second, self.steps)
        return result(total, unit=self.steps)


class Product(Layer):
    """The product of two; one may be a 1x1 map that scales the other's channels."""

    def __init__(self, result=None, steps=0):
        super().__init__()
        self.result, self.steps = result, steps

    def forward(self, first, second):
        return product_of(first, second, self.acting(self.result), self.steps)
