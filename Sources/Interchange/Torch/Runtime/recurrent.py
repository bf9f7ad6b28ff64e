import torch
import torch.nn.functional as F
from torch import nn

# Sequences: tables and recurrent layers.


class Embedding(Layer):
    """Looks up a vector for each index; two inputs are joined on the last axis."""

    def __init__(self, count, features, padding=None, result=None):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, features))
        self.padding, self.result = padding, result

    def forward(self, *inputs):
        if self.padding is not None:
            with torch.no_grad():
                self.weight[self.padding].zero_()
        result = self.acting(self.result)
        places = [torch.round(values).long() for values in inputs]
        for place in places:
            outside = (place < 0) | (place >= self.weight.shape[0])
            if bool(outside.any()):
                sample = int(outside.flatten(1).any(1).nonzero()[0])
                raise ValueError(f"sample {sample} of the batch has an index outside of the vocabulary of {self.weight.shape[0]}")
        found = [F.embedding(place, self.weight, self.padding) for place in places]
        return torch.cat([values if result is None else result(values) for values in found], -1)


class Cell(nn.Module):
    """One direction of an LSTM: a matrix over [input, state], gates in the order i, f, g, o."""

    def __init__(self, inputs, hidden, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(4 * hidden, inputs + hidden))
        if bias:
            self.bias = nn.Parameter(torch.zeros(4 * hidden))


class LSTM(Layer):
    """One recurrent layer; `levels` are the whole steps from 0 to 1, `first` the state before the first step."""

    shown_as = {"ahead": "forward", "back": "backward"}

    def __init__(
        self, inputs, hidden, weight, kind=None, levels=1.0, first=0.0, bias=True, bidirectional=False,
        squeezes=False, returns_states=False
    ):
        super().__init__()
        self.ahead = Cell(inputs, hidden, bias)
        if bidirectional:
            self.back = Cell(inputs, hidden, bias)
        self.weight_quantizer, self.kind, self.levels, self.first = weight, kind, levels, first
        self.hidden, self.squeezes, self.returns_states = hidden, squeezes, returns_states

    def forward(self, values):
        if self.squeezes:
            values = values.squeeze(2).transpose(1, 2)
        results, last, cells = self.run(self.ahead, values)
        if hasattr(self, "back"):
            back, last_back, cells_back = self.run(self.back, values.flip(1))
            results = torch.cat([results, back.flip(1)], -1)
            last, cells = torch.cat([last, last_back], -1), torch.cat([cells, cells_back], -1)
        return (results, last, cells) if self.returns_states else results

    def run(self, cell, values):
        weight = self.quantized_weight(cell.weight, self.weight_quantizer)
        features = values.shape[2]
        sums = F.linear(values, weight[:, :features], getattr(cell, "bias", None))
        is_float = self.kind is None or not self.is_quantized
        state = values.new_full((values.shape[0], self.hidden), 0.0 if is_float else self.first)
        memory, states = state, []
        for step in range(values.shape[1]):
            gates = sums[:, step] + F.linear(state, weight[:, features:])
            memory, state = self.plain(gates, memory) if is_float else self.stepped(gates, memory)
            states.append(state)
        return torch.stack(states, 1), state, memory

    def plain(self, gates, memory):
        i, f, g, o = gates.chunk(4, 1)
        memory = gate_of(f) * memory + gate_of(i) * bent(g)
        return memory, gate_of(o) * bent(memory)

    def stepped(self, gates, memory):
        """The same on the grid: products and T in whole steps, each rounded once."""
        i, f, g, o = gates.chunk(4, 1)
        i, f, o = self.gate(i), self.gate(f), self.gate(o)
        total = self.product(f, memory) + self.product(i, self.bent_state(g))
        memory = StraightThrough.apply(self.state_steps(self.whole(total) * 0.5) / self.levels, total * 0.5)
        return memory, self.product(o, self.bent_state(memory))

    def whole(self, values):
        return torch.round(values.detach() * self.levels)

    def gate(self, values):
        smooth = gate_of(values)
        return StraightThrough.apply(rounded(smooth.detach() * self.levels) / self.levels, smooth)

    def bent_state(self, values):
        smooth = torch.clamp(bent(values), -1, 1)
        return StraightThrough.apply(self.state_steps(smooth.detach() * self.levels) / self.levels, smooth)

    def product(self, gate, state):
        steps = self.state_steps(self.whole(gate) * self.whole(state) / self.levels)
        return StraightThrough.apply(steps / self.levels, gate * state)

    def state_steps(self, values):
        held = torch.clamp(values, -self.levels, self.levels)
        if self.kind == "npu":
            return 2 * rounded((held + self.levels) * 0.5) - self.levels
        codes = rounded(held.abs())
        return torch.where(values < 0, -codes, codes)


def gate_of(values):
    return torch.clamp((values + 3) / 6, 0, 1)


def bent(values):
    """The rational approximation of tanh."""
    square = values * values
    return values * (27 + square) / (27 + 9 * square)
