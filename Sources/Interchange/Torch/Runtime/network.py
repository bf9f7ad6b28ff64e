import math
from fnmatch import fnmatchcase

import torch
import torch.nn.functional as F
from torch import nn

# What every network has, and what its training is made of.


class Base(nn.Module):
    """What every network of this file has; tensors have the names of weights.safetensors."""

    layer_names = {}
    learned = ()
    # What the network is for, as its file has it; nothing for classification. The layers of the results, in order.
    task, results = None, ()

    @classmethod
    def kind(cls):
        return "classification" if cls.task is None else cls.task["kind"]

    def quantize(self, is_quantized):
        """Switches all quantizers on or off."""
        for module in self.modules():
            if isinstance(module, Layer):
                module.is_quantized = is_quantized
            if hasattr(module, "log_clip"):
                module.log_clip.requires_grad_(is_quantized and getattr(module, "result", None) is not None)
        return self

    def freeze_ranges(self, freezes):
        """Whether batch norm leaves its running statistics as they are."""
        for module in self.modules():
            if isinstance(module, Epilogue):
                module.freezes_ranges = freezes

    def named(self, tensors):
        for name, tensor in tensors:
            layer, _, rest = name.partition(".")
            parts = [LSTM.shown_as.get(part, part) for part in rest.split(".")]
            words = ".".join(parts).split("_")
            rest = words[0] + "".join(word.capitalize() for word in words[1:])
            yield f"{self.layer_names.get(layer, layer)}.{rest}", tensor

    def numbers(self):
        """Every tensor that is learned, then the running statistics."""
        return dict(self.named(self.named_parameters())) | dict(self.named(self.named_buffers()))

    def load(self, tensors, path):
        """Puts the numbers of a file into the network; all of them or none."""
        mine = self.numbers()
        for name, tensor in mine.items():
            if name not in tensors or tensors[name].shape != tensor.shape:
                raise Fault(f"{path} does not fit the network: '{name}' is missing or has other axes")
            if not torch.isfinite(tensors[name]).all():
                raise Fault(f"{path} is broken: '{name}' holds a number that is not finite")
        with torch.no_grad():
            for name, tensor in mine.items():
                tensor.copy_(tensors[name])
        return self

    def adopt(self, other):
        """Takes over what another stage learned, but for clips: those belong to the settings they were learned for."""
        theirs = other.numbers()
        with torch.no_grad():
            for name, tensor in self.numbers().items():
                if not name.endswith(".logClip") and name in theirs and theirs[name].numel() == tensor.numel():
                    tensor.copy_(theirs[name].reshape(tensor.shape))
        return self

    def draw(self, seed):
        """Draws initial weights: uniform to 1 / sqrt(inputs), 0 ... 2 for tables, biases like their weights."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for module in self.modules():
                bound = 1.0
                for name, tensor in module.named_parameters(recurse=False):
                    if name.endswith("weight"):
                        bound = 1 / math.sqrt(max(1, tensor[0].numel()))
                        drawn = torch.rand(tensor.shape, generator=generator)
                        tensor.copy_(2 * drawn if isinstance(module, Embedding) else (2 * drawn - 1) * bound)
                for name, tensor in module.named_parameters(recurse=False):
                    if name.endswith("bias"):
                        tensor.copy_((2 * torch.rand(tensor.shape, generator=generator) - 1) * bound)
        return self

    def answers(self, *inputs):
        """The network's results, one or several."""
        results = self(*inputs)
        return results if isinstance(results, tuple) else (results,)


def loss_of(name, results, labels, wanted=None, smoothing=0.0, weights=None):
    """The mean loss of a batch, and how many answers are right.

    What is wanted of the class of a label is 1 - smoothing, and a share of the smoothing of every class. The loss of a
    sample counts `weights` times.
    """
    if name == "distillation":
        total = 0.0
        for mine, theirs in zip(results, wanted):
            # Targets that are nothing throughout a batch count as if they had a mean square of 1e-6.
            total = total + F.mse_loss(mine, theirs) / theirs.square().mean().clamp(min=1e-6)
            if mine.dim() == 2 or mine[0].numel() == mine.shape[1]:
                mine, theirs = mine.flatten(1) / 2, theirs.flatten(1) / 2
                shares = F.softmax(theirs, 1)
                total = total - 4 * (shares * F.log_softmax(mine, 1)).sum(1).mean()
        return total, None
    scores = results[0].flatten(1)
    right = (scores.argmax(1) == labels).sum()
    targets = F.one_hot(labels, scores.shape[1]).to(scores.dtype) * (1 - smoothing) + smoothing / scores.shape[1]
    if name == "cross-entropy":
        losses = F.cross_entropy(scores, targets, reduction="none")
    elif name == "binary-cross-entropy":
        losses = F.binary_cross_entropy_with_logits(scores, targets, reduction="none").mean(1)
    elif name == "mean-squared-error":
        losses = F.mse_loss(scores, targets, reduction="none").mean(1)
    else:
        raise ValueError(f"no loss is called {name}")
    return (losses if weights is None else losses * weights).mean(), right


def factors_of(network, plan):
    """By tensor, what its rate is multiplied with; 0 where it is not learned."""
    factors, rates, frozen = {}, plan.get("rates", []), plan.get("frozen", [])
    for (path, _), (name, _) in zip(network.named_parameters(), network.named(network.named_parameters())):
        layer = path.partition(".")[0]
        names = network.layer_names.get(layer, layer), name
        found = [rate["factor"] for rate in rates if any(fnmatchcase(word, rate["tensors"]) for word in names)]
        is_frozen = any(fnmatchcase(word, pattern) for pattern in frozen for word in names)
        factors[name] = 0.0 if is_frozen else found[-1] if found else 1.0
    return factors


def optimizer_of(network, rule, rate, decay, factors):
    """The optimizer of a stage; decay acts on weights alone. Tensors whose factor is 0 are left out of it."""
    groups = {}
    for name, value in network.named(network.named_parameters()):
        value.requires_grad_(value.requires_grad and factors[name] > 0)
        if factors[name] > 0:
            groups.setdefault((name.lower().endswith("weight"), factors[name]), []).append(value)
    groups = [
        {"params": values, "weight_decay": decay if is_weight else 0.0, "factor": factor}
        for (is_weight, factor), values in groups.items()
    ]
    if rule["rule"] == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=rule["momentum"], nesterov=rule["nesterov"])
    kind = torch.optim.AdamW if rule["decoupled"] else torch.optim.Adam
    return kind(groups, lr=rate, betas=(rule["beta1"], rule["beta2"]), eps=rule["epsilon"])


def share_of_rate(schedule, step, steps, warmup):
    """The rate of a step, 0 ..< steps, as a share of the stage's."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    if schedule == "constant":
        return 1.0
    if schedule == "step":
        return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
