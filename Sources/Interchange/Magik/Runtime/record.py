"""Writes down what a module built with the vendor's ops consists of. Nothing is computed."""
import ast
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import sys
import types

NODES = []
NOTES = []


class Refused(Exception):
    """Something that cannot be taken over."""


def note(text):
    if text not in NOTES:
        NOTES.append(text)


class Traced:
    """A result: an output of a node or an input of the network; `host` where something else made it."""

    def __init__(self, source, output=0, host=None):
        self.source, self.output, self.host = source, output, host

    def __getitem__(self, index):
        # Layers give (tensor, bits, ...): the first is the tensor.
        return self if index == 0 else None

    def __iter__(self):
        return iter((self, None, None, None, None))

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return on_host(f"tensor.{name}", self)

    def __call__(self, *values, **named):
        return self

    def __bool__(self):
        raise Refused("the module decides by values of a tensor, which are not known when it is built")

    def _made(self, other, name):
        return on_host(f"'{name}' on results; ops has Shortcut, Mul and Max", self, other)

    def __add__(self, other):
        return self._made(other, "+")

    def __radd__(self, other):
        return self._made(other, "+")

    def __mul__(self, other):
        return self._made(other, "*")

    def __rmul__(self, other):
        return self._made(other, "*")

    def __sub__(self, other):
        return self._made(other, "-")

    def __truediv__(self, other):
        return self._made(other, "/")


def traced(value):
    """All results in what a call was given."""
    if isinstance(value, Traced):
        return [value]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in traced(item)]
    if isinstance(value, dict):
        return traced(list(value.values()))
    return []


def on_host(what, *values):
    """Something that is no layer of ours made a result: harmless at the end, an error in front of a layer."""
    sources = traced(values)
    if not sources:
        return Stub(what)
    first = sources[0]
    return Traced(first.source, first.output, host=first.host or what)


class Module:
    """torch.nn.Module as far as building and calling need it."""

    training = True

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        children = self.__dict__.setdefault("_children", {})
        if isinstance(value, Module):
            children[name] = value
        else:
            children.pop(name, None)

    def add_module(self, name, value):
        setattr(self, name, value)

    register_module = add_module

    def named_children(self):
        return iter(self.__dict__.get("_children", {}).items())

    def children(self):
        return (child for _, child in self.named_children())

    def modules(self):
        yield self
        for child in self.children():
            yield from child.modules()

    def named_modules(self, memo=None, prefix=""):
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def __call__(self, *values, **named):
        return self.forward(*values, **named)

    def forward(self, *values, **named):
        return on_host(type(self).__name__, *values, *named.values())

    def parameters(self, *_):
        return iter(())

    def named_parameters(self, *_):
        return iter(())

    def state_dict(self, *_, **__):
        return {}

    def load_state_dict(self, *_, **__):
        return None

    def apply(self, function):
        return self

    def _self(self, *_, **__):
        return self

    cuda = cpu = eval = train = to = half = float = double = requires_grad_ = _self

    def register_buffer(self, name, value, *_, **__):
        object.__setattr__(self, name, value)

    register_parameter = register_buffer


class Sequential(Module):
    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], dict):
            for name, layer in layers[0].items():
                setattr(self, name, layer)
        else:
            for index, layer in enumerate(layers):
                setattr(self, str(index), layer)

    def forward(self, value):
        for child in self.children():
            value = child(value)
        return value

    def append(self, layer):
        setattr(self, str(len(self)), layer)
        return self

    def __iter__(self):
        return iter(list(self.children()))

    def __len__(self):
        return len(list(self.children()))

    def __getitem__(self, index):
        layers = list(self.children())
        return Sequential(*layers[index]) if isinstance(index, slice) else layers[index]


class ModuleList(Sequential):
    def __init__(self, layers=()):
        super().__init__(*layers)

    def extend(self, layers):
        for layer in layers:
            self.append(layer)
        return self


class ModuleDict(Module):
    def __init__(self, layers=None):
        super().__init__()
        for name, layer in (layers or {}).items():
            setattr(self, name, layer)

    def __getitem__(self, name):
        return getattr(self, name)

    def __setitem__(self, name, layer):
        setattr(self, name, layer)

    def items(self):
        return self.named_children()

    def values(self):
        return self.children()


class Stub:
    """Anything of a library that is not here; results that go through it are left to the host."""

    def __init__(self, name="", *_, **__):
        object.__setattr__(self, "_name", name if isinstance(name, str) else "")

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub(f"{self._name}.{name}" if self._name else name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def __call__(self, *values, **named):
        if len(values) == 1 and not named and callable(values[0]) and not traced(values):
            return values[0]  # a decorator
        if traced([values, named]):
            return on_host(self._name, *values, *named.values())
        return HostModule(self._name)

    def __mro_entries__(self, bases):
        return (Module,)

    def __getitem__(self, index):
        return Stub(self._name)

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __int__(self):
        return 0

    def __float__(self):
        return 0.0

    __index__ = __int__

    def _stay(self, *_):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _stay
    __lt__ = __gt__ = __le__ = __ge__ = lambda self, _: False


class HostModule(Module, Stub):
    """A module of a library that is not here."""

    def __init__(self, name):
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_children", {})

    __getattr__ = Stub.__getattr__
    __setattr__ = Module.__setattr__

    def __call__(self, *values, **named):
        return on_host(self._name, *values, *named.values())


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


# CLASSES


OPS = types.ModuleType("ops")
for _class in list(globals().values()):
    if isinstance(_class, type) and issubclass(_class, (Layer, Function)) and _class not in (Layer, Function):
        setattr(OPS, _class.__name__, _class)


def make(name):
    """A module of a library that is not here."""
    found = types.ModuleType(name)
    found.__path__ = []
    if name == "torch.nn" or name.endswith(".nn"):
        for one in (Module, Sequential, ModuleList, ModuleDict):
            setattr(found, one.__name__, one)
    found.__getattr__ = lambda attribute: OPS if attribute == "ops" and name != "torch" else library(name, attribute)
    return found


def library(name, attribute):
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    full = f"{name}.{attribute}"
    return sys.modules[full] if full in sys.modules else Stub(full)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives torch and the vendor's package by itself, and whatever else is not installed."""

    def __init__(self, names=None):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        root = name.split(".")[0]
        if self.names is None or root in self.names:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        if spec.name.split(".")[-1] == "ops":
            return OPS
        if self.names is None:
            note(f"{spec.name} is not installed; what it gives is left out")
        return make(spec.name)

    def exec_module(self, module):
        pass


def classes(module):
    return [
        one for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Module) and one.__module__ == module.__name__
    ]


def build(module, wanted, arguments):
    """The module of the class that is asked for, or of the last one in the file."""
    about = getattr(module, "MAGIKBENCH", {})
    wanted = wanted or about.get("class", "")
    found = classes(module)
    if not found:
        raise Refused("the file defines no class on torch.nn.Module")
    if wanted:
        found = [one for one in found if one.__name__ == wanted]
        if not found:
            names = ", ".join(one.__name__ for one in classes(module))
            raise Refused(f"the file defines no class '{wanted}'; it has {names}")
    chosen = found[-1]
    needed = [
        parameter.name for parameter in list(inspect.signature(chosen.__init__).parameters.values())[1:]
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and parameter.name not in arguments
    ]
    if needed:
        raise Refused(f"class {chosen.__name__} needs the arguments {', '.join(needed)}; give them with --arguments")
    return chosen(**arguments), about


def record(module, wanted, arguments):
    network, about = build(module, wanted, arguments)
    for path, layer in network.named_modules():
        NAMES.setdefault(id(layer), path)
    inputs = list(about.get("inputs", {}))
    if not inputs:
        inputs = [
            parameter.name for parameter in inspect.signature(network.forward).parameters.values()
            if parameter.default is parameter.empty and parameter.kind == parameter.POSITIONAL_OR_KEYWORD
        ]
    result = network(*[Traced(name) for name in inputs])
    ends = traced(result)
    for end in ends:
        if end.host:
            note(f"{end.host} behind the last layer is left to the host")
    return {
        "class": type(network).__name__, "inputs": inputs, "nodes": NODES, "about": about, "notes": NOTES,
        "outputs": [[end.source, end.output] for end in ends],
    }


def main():
    path, out = sys.argv[1:3]
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    given = sys.argv[4] if len(sys.argv) > 4 else ""
    sys.meta_path.insert(0, Finder({"torch", "torchvision", "ingenic_magik_trainingkit"}))
    sys.meta_path.append(Finder())
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    sys.setrecursionlimit(10000)
    import torch
    import torch.nn

    try:
        try:
            call = ast.parse(f"f({given})", mode="eval").body
            arguments = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
            if call.args or None in arguments:
                raise ValueError("only NAME=VALUE")
        except (SyntaxError, ValueError) as error:
            raise Refused(f"--arguments are NAME=VALUE with commas between them, not '{given}'") from error
        module = types.ModuleType("network")
        module.__file__ = path
        module.__dict__.update(torch=torch, nn=torch.nn, ops=OPS)
        sys.modules["network"] = module
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), module.__dict__)
        document = record(module, wanted, arguments)
    except Refused as error:
        document = {"error": str(error)}
    except BaseException as error:  # the user's code may do anything
        import traceback

        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        line = error.lineno if isinstance(error, SyntaxError) else frames[-1].lineno if frames else None
        place = f"line {line}: " if line else ""
        document = {"error": f"{place}{type(error).__name__}: {error}"}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(document, file, allow_nan=False)


if __name__ == "__main__":
    main()
