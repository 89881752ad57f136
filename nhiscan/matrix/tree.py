"""YAML as a tree that remembers its comments, so that it can be written anew without losing any."""

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.config.marked import compose

if TYPE_CHECKING:
    import yaml

# The line breaks of YAML 1.1, which positions count.
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_TEXT = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


class Node(Struct):
    """A value: a dict of nodes, a list of nodes, text, or None; `raw` is another scalar as written.

    `above` are comments on lines of their own before it ("" is an empty line), `beside` the one at
    the end of its first line, `below` those after its last item.
    """

    value: Any
    raw: str | None = None
    line: int = 0
    above: list[str] = []
    beside: str | None = None
    below: list[str] = []

    def children(self) -> "list[Node]":
        """List what is directly in it."""
        if isinstance(self.value, dict):
            return list(self.value.values())
        return self.value if isinstance(self.value, list) else []

    def commented_inside(self) -> bool:
        """Say whether a comment stands within it."""
        return bool(self.below) or any(child.commented() for child in self.children())

    def commented(self) -> bool:
        """Say whether a comment hangs on it or on what is in it."""
        return bool(self.above or self.beside) or self.commented_inside()


class UnwritableError(ValueError):
    """YAML that cannot be written anew without losing something; `line` says where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Anchor(Struct, frozen=True):
    """Where a key or an item begins; `owners` are the block collections around it, outermost first.

    A collection stands with the column of its items.
    """

    index: int
    line: int
    column: int
    node: Node
    owners: tuple[tuple[Node, int], ...]


class Grown(Struct, frozen=True):
    """A tree and where its parts stood, as comments need it.

    `opaque` are the spans of scalars and keys, `flows` those of flow collections with their nodes,
    `ends` those of scalars and flow collections with the line on which a comment is beside them.
    """

    root: Node
    anchors: list[Anchor]
    opaque: list[tuple[int, int]]
    flows: list[tuple[int, int, Node]]
    ends: list[tuple[int, int, int, Node]]


def grow(text: str) -> Grown:
    """Read YAML without its comments. UnwritableError for aliases, merges and odd keys."""
    root = compose(text)
    if root is None:
        return Grown(Node({}), [], [], [], [])
    grower = _Grower(text)
    tree = grower.node(root, ())
    return Grown(tree, grower.anchors, grower.opaque, grower.flows, grower.ends)


def planted(value: Any) -> Node:
    """Make a tree of plain values."""
    if isinstance(value, Mapping):
        return Node({key: planted(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return Node([planted(item) for item in value])
    if value is None or isinstance(value, str):
        return Node(value)
    if isinstance(value, bool):
        return Node("", raw=str(value).lower())
    return Node("", raw=value.isoformat() if isinstance(value, date) else str(value))


class _Grower:
    def __init__(self, text: str) -> None:
        self._text = text
        self._seen: set[int] = set()
        self.opaque: list[tuple[int, int]] = []
        self.anchors: list[Anchor] = []
        self.flows: list[tuple[int, int, Node]] = []
        self.ends: list[tuple[int, int, int, Node]] = []

    def node(self, node: "yaml.Node", owners: tuple[tuple[Node, int], ...]) -> Node:
        import yaml

        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise UnwritableError(line, "it uses & and *; write the values out")
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        grown = Node({} if isinstance(node, yaml.MappingNode) else [], line=line)
        if getattr(node, "flow_style", False):
            start, end = node.start_mark.index, node.end_mark.index
            self.flows.append((start, end, grown))
            self.ends.append((start, end, node.end_mark.line, grown))
        else:
            owners = (*owners, (grown, node.start_mark.column))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                grown.value[self._key(key)] = self._child(key, value, owners)
        else:
            grown.value.extend(self._child(item, item, owners) for item in node.value)
        return grown

    def _scalar(self, node: "yaml.ScalarNode") -> Node:
        start, end = node.start_mark.index, node.end_mark.index
        line = node.start_mark.line
        if node.tag == _TEXT:
            grown = Node(node.value, line=line + 1)
        elif node.tag == _NULL:
            grown = Node(None, line=line + 1)
        else:
            grown = Node("", raw=node.value, line=line + 1)
        if node.style in ("|", ">"):  # its first line may end with a comment
            header = LINE_BREAK.search(self._text, start)
            self.opaque.append((header.start() if header else end, end))
            self.ends.append((start, end, line, grown))
        else:
            self.opaque.append((start, end))
            self.ends.append((start, end, node.end_mark.line, grown))
        return grown

    def _key(self, key: "yaml.Node") -> str:
        import yaml

        if not isinstance(key, yaml.ScalarNode):
            raise UnwritableError(key.start_mark.line + 1, "a key must be plain text")
        if key.tag == _MERGE:
            raise UnwritableError(key.start_mark.line + 1, "it uses <<; write the values out")
        self.opaque.append((key.start_mark.index, key.end_mark.index))
        return str(key.value)

    def _child(
        self, at: "yaml.Node", value: "yaml.Node", owners: tuple[tuple[Node, int], ...]
    ) -> Node:
        place = len(self.anchors)
        self.anchors.append(Anchor(0, 0, 0, Node(None), ()))  # a parent stands before its children
        grown = self.node(value, owners)
        mark = at.start_mark
        column = owners[-1][1] if owners else 0
        self.anchors[place] = Anchor(mark.index, mark.line, column, grown, owners)
        return grown
