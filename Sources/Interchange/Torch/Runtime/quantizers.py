import math
import struct

import torch
from torch import distributed, nn

# The quantizers. A quantized tensor holds x / clip, in 0 ... 1 or -1 ... 1. With b bits, L = 2^b - 1 and H = 2^(b-1).


def single(number):
    """The nearest 32-bit float, as the chips' tools compute with."""
    return struct.unpack("<f", struct.pack("<f", number))[0]


def rounded(values):
    """Rounds values of at least 0: up from 0.501, down below 0.5, to the even neighbour between."""
    below = torch.floor(values)
    rest = values - below
    odd = below - 2 * torch.floor(below / 2)
    return below + torch.where(rest >= 0.501, torch.ones_like(rest), torch.where(rest >= 0.5, odd, 0.0))


class QuantizeFeature(torch.autograd.Function):
    """The activation quantizer; the gradient passes inside the range, both ends included, divided by the clip."""

    @staticmethod
    def forward(context, values, log_clip, clip, bits, kind, count):
        levels, half = 2.0**bits - 1, 2.0 ** (bits - 1)
        low = 0.0 if kind == "unsigned" else -clip
        held = torch.clamp(values, low, clip)
        if kind == "unsigned":
            result = rounded(held * single(levels / clip)) / levels
        elif kind == "npu":
            codes = rounded((held + clip) * single(levels / (2 * clip)))
            result = (2 * codes - levels) / levels
        else:
            codes = rounded(torch.abs(held) * single(half / clip))
            codes = torch.where(values < 0, -codes, codes)
            result = torch.clamp(codes, -half, half - 1) / half
        context.save_for_backward(values)
        context.clip, context.low, context.levels, context.count = clip, low, levels, count
        return result

    @staticmethod
    def backward(context, gradient):
        (values,) = context.saved_tensors
        inside = (values >= context.low) & (values <= context.clip)
        passed = gradient * single(1 / context.clip) * inside
        learned = None
        if context.needs_input_grad[1]:
            # A learned clip hears of every value beyond it; the step is that of LSQ.
            beyond = (values > context.clip).to(gradient.dtype)
            if context.low < 0:
                beyond -= (values < context.low).to(gradient.dtype)
            total = (gradient * beyond).double().sum() / math.sqrt(context.count * context.levels)
            learned = total.to(gradient.dtype).reshape(1)
        return passed, learned, None, None, None, None


class QuantizeWeight(torch.autograd.Function):
    """The weight quantizer; the gradient passes straight through."""

    @staticmethod
    def forward(context, weight, bits, factor, is_per_tensor, is_simd):
        levels, half = 2.0**bits - 1, 2.0 ** (bits - 1)
        wide = weight.double()
        mean, deviation = wide.mean().to(weight.dtype), wide.std(unbiased=False).to(weight.dtype)
        reach = single(factor) * deviation
        held = torch.minimum(torch.maximum(weight, mean - reach), mean + reach)
        if is_per_tensor:
            scale, divisor = weight.abs().max(), held.abs().max()
        else:
            axes = tuple(range(1, weight.dim()))
            scale = weight.abs().amax(axes, keepdim=True)
            divisor = held.abs().amax(axes, keepdim=True)
        divisor = torch.where(divisor > 0, divisor, 1.0)
        codes = rounded((held / divisor + 1) * 0.5 * levels)
        if is_simd:
            scale = torch.where(scale < single(0.05), scale + single(0.05), scale)
            return scale * (codes - half) / half
        scale = torch.clamp(scale, min=single(1e-4))
        return scale * (2 * codes - levels) / levels

    @staticmethod
    def backward(context, gradient):
        return gradient, None, None, None, None


class WholeSteps(torch.autograd.Function):
    """Values of a grid as whole numbers of its steps, so that their sums, means and products are exact."""

    @staticmethod
    def forward(context, values, steps):
        context.steps = steps
        return torch.round(values * steps)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.steps, None


class StraightThrough(torch.autograd.Function):
    """The first value, with the gradient of the second."""

    @staticmethod
    def forward(context, value, smooth):
        return value

    @staticmethod
    def backward(context, gradient):
        return None, gradient


class FeatureQuantizer(nn.Module):
    """Quantizes a result: `kind` is "unsigned", "npu" (signed, no exact zero) or "simd" (two's complement)."""

    def __init__(self, bits, kind, clip):
        super().__init__()
        self.bits, self.kind, self.clip = bits, kind, clip

    def forward(self, values, log_clip=None, unit=1.0):
        """The values on the grid; `unit` is what 1 is in `values`, where they are whole steps."""
        clip = single(self.clip) if log_clip is None else single(math.exp(log_clip.item()))
        count = values.numel() * processes()
        return QuantizeFeature.apply(values, log_clip, single(clip * unit), self.bits, self.kind, count)

    def extra_repr(self):
        return f"bits={self.bits}, kind={self.kind}, clip={self.clip}"


class WeightQuantizer(nn.Module):
    """Quantizes weights by output channel, or all together; `is_simd` has an exact zero."""

    def __init__(self, bits, factor, is_per_tensor=False, is_simd=False):
        super().__init__()
        self.bits, self.factor, self.is_per_tensor, self.is_simd = bits, factor, is_per_tensor, is_simd

    def forward(self, weight):
        return QuantizeWeight.apply(weight, self.bits, self.factor, self.is_per_tensor, self.is_simd)

    def extra_repr(self):
        return f"bits={self.bits}, factor={self.factor}"


def processes():
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1
