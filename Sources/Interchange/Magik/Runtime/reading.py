"""Runs a module of the kit on the stub and writes down what it consists of."""

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
