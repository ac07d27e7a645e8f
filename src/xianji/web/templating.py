"""Jinja for one language: what is the same on every page of it is said when a template is compiled."""

from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

# Functions whose answer depends on their arguments alone: words, icons, addresses of built files.
_SAME = {"_": "_", "icon": "draw_icon", "draw_icon": "draw_icon", "asset": "asset"}


class Templates(jinja2.Environment):
    """An environment whose globals are complete before the first template is loaded."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dict: at every import Jinja compares the names in it, which takes long in the chain it would make."""
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Said(self).visit(tree)  # type: ignore[no-any-return]


class _Said(NodeTransformer):
    """Calls of `_SAME` with constants become what they answer, and with that part of the text around them."""

    def __init__(self, environment: jinja2.Environment) -> None:
        self._globals = environment.globals

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the visitor of Jinja asks for this name
        self.generic_visit(node)
        fixed = all(isinstance(one, nodes.Const) for one in node.args) and not (node.kwargs or node.dyn_args)
        if not (fixed and isinstance(node.node, nodes.Name) and node.node.name in _SAME):
            return node
        say: Any = self._globals[_SAME[node.node.name]]
        return nodes.Const(say(*(one.as_const() for one in node.args)), lineno=node.lineno)


class Compiled(jinja2.FileSystemBytecodeCache):
    """Compiled templates of one language in a folder; other words or other built files make them anew."""

    def __init__(self, folder: Path, language: str, said: bytes) -> None:
        super().__init__(str(folder), f"{language}-%s.cache")
        self._said = sha256(said).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self._said)
