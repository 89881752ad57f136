"""Writes a tree of YAML in the one canonical form: key order, flow style of short parts, quotes."""

import re
from typing import Any

from msgspec import Struct

from nhiscan.matrix.files import ClientRoot, Field, fields, has, part, struct
from nhiscan.matrix.model import DUTIES, Instance, LinkRule
from nhiscan.matrix.scalars import folded, literal, quoted, scalar
from nhiscan.matrix.tree import Node

_WIDTH = 100
_TALL = (Instance, LinkRule)  # one key per line, however short
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TRUE = ("yes", "true", "on")


def render(root: Node, kind: type[Struct]) -> str:
    """Write a file whose root is a mapping, with a line break at its end."""
    tidy = _tidy(root, kind)
    lines = [*_comments(tidy.above, ""), *_mapping(tidy, kind, "")]
    lines += [] if tidy.value else ["{}"]
    return "\n".join(lines).strip("\n") + "\n"


def _tidy(node: Node, kind: Any, name: str = "") -> Node:
    """Order keys, leave out those that say what holds anyway, and write scalars as their type."""
    shape = struct(kind)
    if isinstance(node.value, dict):
        known = fields(shape) if shape else {}
        order = list(known) if shape else (list(DUTIES) if name == "duties" else [])
        keys = [k for k in order if k in node.value] + [k for k in node.value if k not in order]
        value = {
            key: _tidy(node.value[key], known[key].type if key in known else part(kind), key)
            for key in keys
            if not (key in known and _idle(node.value[key], known[key], shape))
        }
        return Node(value, above=node.above, beside=node.beside, below=node.below)
    if isinstance(node.value, list):
        value_of_list = [_tidy(item, part(kind)) for item in node.value]
        return Node(value_of_list, above=node.above, beside=node.beside, below=node.below)
    raw = node.raw
    if raw is not None and has(kind, bool):
        raw = "true" if raw.lower() in _TRUE else "false"
    if raw is None and has(kind, _date()) and isinstance(node.value, str):
        raw = node.value if _DAY.fullmatch(node.value) else None
    return Node(node.value, raw=raw, above=node.above, beside=node.beside)


def _date() -> type:
    from datetime import date

    return date


def _idle(node: Node, field: Field, shape: type[Struct] | None) -> bool:
    """Say whether a key could as well be left out; a root keeps its only key."""
    if field.needed or node.commented() or (shape and shape.__name__.endswith("Root")
                                            and shape is not ClientRoot):  # fmt: skip
        return False
    if node.raw is not None:
        return field.default is False and node.raw.lower() not in _TRUE
    return bool(node.value == field.default) and not isinstance(node.value, str)


def _mapping(node: Node, kind: Any, indent: str) -> list[str]:
    lines: list[str] = []
    for key, child in node.value.items():
        shape = struct(kind)
        inner = fields(shape)[key].type if shape and key in fields(shape) else part(kind)
        lines += _comments(child.above, indent)
        lines += _entry(f"{indent}{scalar(key, flow=False)}:", child, inner, indent)
    return lines + _comments(node.below, indent)


def _sequence(node: Node, kind: Any, indent: str) -> list[str]:
    lines: list[str] = []
    inner = part(kind)
    for place, item in enumerate(node.value):
        flow = _flow(item, inner, len(indent) + 2)
        block = flow is None and bool(item.children())
        above = [*item.above, *_lifted(item)] if block else item.above
        if struct(inner) in _TALL:  # an empty line between them, whatever stood there
            lines += [""] * bool(place)
            above = above[1:] if above[:1] == [""] else above
        lines += _comments(above, indent)
        if block and isinstance(item.value, dict):
            inside = _mapping(item, inner, indent + "  ")
            lines += [f"{indent}- {inside[0].lstrip()}", *inside[1:]]
        else:
            lines += _entry(f"{indent}-", item, inner, indent)
    return lines + _comments(node.below, indent)


def _lifted(item: Node) -> list[str]:
    """Take the comments for which the first line of a tall item has no room."""
    first = item.children()[0] if isinstance(item.value, dict) else None
    lifted = [item.beside] if item.beside else []
    if first is not None:
        lifted += first.above
        first.above = []
    return lifted


def _entry(head: str, child: Node, kind: Any, indent: str) -> list[str]:
    """Write what stands behind a key or a dash."""
    beside = f"  {child.beside}" if child.beside else ""
    if not isinstance(child.value, dict | list):
        first, *rest = _scalar_lines(child, len(head) + 1, len(indent) + 2)
        return [f"{head} {first}{beside}", *(f"{indent}  {one}" if one else "" for one in rest)]
    flow = _flow(child, kind, len(head) + 1)
    if flow is not None:
        return [f"{head} {flow}{beside}"]
    write = _mapping if isinstance(child.value, dict) else _sequence
    if not child.value:
        empty = "{}" if isinstance(child.value, dict) else "[]"
        return [f"{head} {empty}{beside}", *_comments(child.below, indent + "  ")]
    return [f"{head}{beside}", *write(child, kind, indent + "  ")]


def _scalar_lines(node: Node, column: int, indent: int) -> list[str]:
    if node.raw is not None:
        return [node.raw]
    if node.value is None:
        return ["null"]
    text = str(node.value)
    if "\n" in text:
        return literal(text) or [quoted(text)]
    written = scalar(text, flow=False)
    if column + len(written) > _WIDTH:
        return folded(text, _WIDTH - indent) or [written]
    return [written]


def _flow(node: Node, kind: Any, column: int) -> str | None:
    """Write a short collection on one line; None where it is long, deep or has comments in it."""
    if not isinstance(node.value, dict | list) or node.commented_inside() or not node.value:
        return ("{}" if node.value == {} else "[]") if _bare(node) else None
    if struct(kind) in _TALL or struct(part(kind)) in _TALL or not _shallow(node):
        return None
    written = _flat(node)
    return written if column + len(written) <= _WIDTH else None


def _bare(node: Node) -> bool:
    return isinstance(node.value, dict | list) and not node.value and not node.below


def _shallow(node: Node) -> bool:
    """Say whether a collection holds scalars of one line, lists of them, or one such mapping."""
    if isinstance(node.value, list) and len(node.value) == 1 and node.value[0].children():
        return isinstance(node.value[0].value, dict) and _shallow(node.value[0])
    return all(
        _single(child)
        or (isinstance(node.value, dict) and isinstance(child.value, list)
            and all(map(_single, child.value)))
        for child in node.children()
    )  # fmt: skip


def _single(node: Node) -> bool:
    return not isinstance(node.value, dict | list) and "\n" not in (node.value or "")


def _flat(node: Node) -> str:
    if isinstance(node.value, dict):
        pairs = (f"{scalar(k, flow=True)}: {_flat(v)}" for k, v in node.value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_flat, node.value)) + "]"
    if node.raw is not None:
        return node.raw
    return "null" if node.value is None else scalar(node.value, flow=True)


def _comments(lines: list[str], indent: str) -> list[str]:
    return [f"{indent}{line}" if line else "" for line in lines]
