"""An ONNX file as both programs get it: its input by name and shape, and onnxruntime to run it."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

import numpy
import onnx
import onnxruntime
from onnx import helper

from .conventions import Convention, convention
from .unquantized import has_quantizers, without_quantizers

# The size of a picture where a file leaves it open.
OPEN_SIZE = 320


class Model:
    """A file with one input, which is a picture.

    `shape` is channels, height and width; `is_channels_last` where the file has the channels last.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path, self.name = path, path.stem
        self.convention: Convention = convention(self.name)
        graph = onnx.load(path).graph
        constants = {tensor.name for tensor in graph.initializer}
        inputs = [value for value in graph.input if value.name not in constants]
        if len(inputs) != 1:
            raise ValueError(f"{len(inputs)} inputs; one picture is fed here")
        self.input = inputs[0].name
        axes = [axis.dim_value for axis in inputs[0].type.tensor_type.shape.dim]
        if len(axes) != 4:
            raise ValueError(f"an input of {len(axes)} axes; a picture has 4")
        self.has_open_size = 0 in axes[1:]
        self.is_channels_last = axes[1] > 4 and axes[3] in (1, 3, 4)
        if self.is_channels_last:
            axes = [axes[0], axes[3], axes[1], axes[2]]
        self.shape = (axes[1] or 3, axes[2] or OPEN_SIZE, axes[3] or OPEN_SIZE)
        self.outputs = [value.name for value in graph.output]
        self.has_quantizers = has_quantizers(graph)

    def laid(self, samples: numpy.ndarray) -> numpy.ndarray:
        """Samples with channels first, with the axes in the file's order."""
        return numpy.ascontiguousarray(samples.transpose(0, 2, 3, 1)) if self.is_channels_last else samples

    def feed(self, sample: numpy.ndarray) -> dict[str, numpy.ndarray]:
        """One sample, channels first, as onnxruntime is fed."""
        return {self.input: self.laid(sample[None])}

    def original(self, tensors: Iterable[str] = ()) -> onnxruntime.InferenceSession:
        """The float network as onnxruntime computes it; a chip has quantizers of its own in place of a file's.

        Beside the file's results it gives `tensors` by name.
        """
        model = without_quantizers(self.prepared()) if self.has_quantizers else self.prepared()
        more = [name for name in dict.fromkeys(tensors) if name not in self.outputs]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in more)
        return session(model)

    def prepared(self) -> onnx.ModelProto:
        """The file with all axes of its input fixed, the batch at 1, and its constants no inputs."""
        model = onnx.load(self.path)
        constants = {tensor.name for tensor in model.graph.initializer}
        # Versions before 4 list constants among the inputs, which onnxruntime then does not fold.
        values = [value for value in model.graph.input if value.name not in constants]
        channels, height, width = self.shape
        axes = [1, height, width, channels] if self.is_channels_last else [1, channels, height, width]
        fixed = helper.make_tensor_value_info(self.input, values[0].type.tensor_type.elem_type, axes)
        del model.graph.input[:]
        model.graph.input.append(fixed)
        model.ir_version = max(model.ir_version, 4)
        return model


def session(model: onnx.ModelProto | pathlib.Path | str, threads: int = 1, plain: bool = False) -> onnxruntime.InferenceSession:
    """A model ready to run; `plain` leaves every operator as it is, so that quantizers are computed as written."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_DISABLE_ALL if plain else level.ORT_ENABLE_EXTENDED
    source = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run(one: onnxruntime.InferenceSession, feed: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """All results of a model by name."""
    names = [output.name for output in one.get_outputs()]
    return dict(zip(names, one.run(names, feed)))
