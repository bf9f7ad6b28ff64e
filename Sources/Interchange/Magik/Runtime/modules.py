"""torch.nn as far as building and calling need it, and whatever else is not installed."""


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
