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
