"""Layers and activations of ops: what they were built with, and what they are called on."""


def plain(value):
    """A value of an argument as JSON has it."""
    if isinstance(value, Function):
        return {"function": type(value).__name__, "arguments": {k: plain(v) for k, v in value.given.items()}}
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, type) and issubclass(value, Function):
        raise Refused(f"an activation is given as the class {value.__name__}; call it: ops.{value.__name__}()")
    return repr(value)


class Function(Module):
    """An activation."""

    def __init__(self, given):
        super().__init__()
        self.given = given

    def forward(self, *values):
        raise Refused(f"ops.{type(self).__name__} is called by itself; it is an activation_fn of a layer")


class Layer(Module):
    """A layer of ops."""

    def __init__(self, given):
        super().__init__()
        self.given = given

    def forward(self, *values):
        sources = traced(values)
        name = NAMES.get(id(self), type(self).__name__.lower())
        if not sources:
            raise Refused(f"layer '{name}' is called on nothing that a layer or input gives")
        for source in sources:
            if source.host:
                raise Refused(
                    f"layer '{name}' reads what {source.host} has made of '{source.source}'; "
                    "only ops may stand between layers")
        node = {
            "op": type(self).__name__, "name": name,
            "inputs": [[source.source, source.output] for source in sources],
            "arguments": {key: plain(value) for key, value in self.given.items()},
        }
        NODES.append(node)
        node["id"] = f"#{len(NODES)}"
        if isinstance(self, LSTM):
            states = (Traced(node["id"], 1), Traced(node["id"], 2))
            return Traced(node["id"]), states
        if isinstance(self, Channel_Split):
            return [Traced(node["id"], index) for index in range(len(self.given["split"]))]
        return Traced(node["id"])


NAMES = {}
