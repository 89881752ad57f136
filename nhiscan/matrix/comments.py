"""Hangs the comments of a YAML file on the values that they speak of.

A comment on a line of its own speaks of the key or item below it, unless it is indented more: then
it ends what stands above. A comment at the end of a line speaks of the value that ends there.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from nhiscan.matrix.tree import LINE_BREAK, Grown, Node, grow

_COMMENT = re.compile("(?:(?<=[\\s\ufeff])|\\A)#[^\n\r\x85\u2028\u2029]*")


class _Comment(Struct, frozen=True):
    index: int
    line: int
    column: int
    text: str
    alone: bool


def tree(text: str) -> Node:
    """Read YAML with its comments. UnwritableError where it uses what has no canonical form."""
    grown = grow(text)
    _Hanger(text, grown).hang()
    return grown.root


class _Hanger:
    def __init__(self, text: str, grown: Grown) -> None:
        self._text, self._grown = text, grown
        self._begins = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
        self._indexes = [anchor.index for anchor in grown.anchors]
        self._ends: dict[int, list[tuple[int, int, Node]]] = {}
        for start, end, line, node in grown.ends:
            self._ends.setdefault(line, []).append((end, -start, node))

    def hang(self) -> None:
        comments = list(self._comments())
        lonely = {one.line for one in comments if one.alone}
        for one in comments:
            if one.alone or not self._beside(one):
                self._alone(one, last=one.line + 1 not in lonely)

    def _comments(self) -> Iterator[_Comment]:
        at = 0
        for start, end in sorted([*self._grown.opaque, (len(self._text), len(self._text))]):
            while at < start and (found := _COMMENT.search(self._text, at, start)):
                yield self._comment(found.start(), found[0].rstrip())
                at = found.end()
            at = max(at, end)

    def _comment(self, index: int, text: str) -> _Comment:
        line = bisect_right(self._begins, index) - 1
        before = self._text[self._begins[line] : index]
        alone = not before.strip("\t \ufeff")
        return _Comment(index, line, index - self._begins[line], text, alone)

    def _beside(self, one: _Comment) -> bool:
        ended = [found for found in self._ends.get(one.line, ()) if found[0] <= one.index]
        if ended:
            node = max(ended, key=lambda found: found[:2])[2]
        else:
            place = bisect_right(self._indexes, one.index) - 1
            if place < 0 or self._grown.anchors[place].line != one.line:
                return False
            node = self._grown.anchors[place].node
        if node.beside is None:
            node.beside = one.text
        else:
            node.below = [*node.below, one.text]
        return True

    def _alone(self, one: _Comment, *, last: bool) -> None:
        """Hang a comment that has its line for itself; `last` if no other one follows at once."""
        place = bisect_right(self._indexes, one.index)
        node, above = self._spoken_of(one, place)
        lines = list(node.above if above else node.below)
        if self._blank(one.line - 1) and lines[-1:] != [""]:
            lines.append("")
        lines.append(one.text)
        if above and last and self._blank(one.line + 1):
            lines.append("")
        if above:
            node.above = lines
        else:
            node.below = lines

    def _spoken_of(self, one: _Comment, place: int) -> tuple[Node, bool]:
        """Find the node, and whether the comment stands above it or below its last item."""
        anchors, root = self._grown.anchors, self._grown.root
        follower = anchors[place] if place < len(anchors) else None
        around = [flow for flow in self._grown.flows if flow[0] < one.index < flow[1]]
        if around:
            _, end, flow = max(around, key=lambda found: found[0])
            inside = follower is not None and follower.index < end
            return (follower.node, True) if follower and inside else (flow, False)
        if place == 0:
            return root, True
        if follower is not None and one.column <= follower.column:
            return follower.node, True
        for owner, column in reversed(anchors[place - 1].owners):
            if column <= one.column:
                return owner, False
        return root, False

    def _blank(self, line: int) -> bool:
        if not 0 <= line < len(self._begins):
            return False
        end = self._begins[line + 1] if line + 1 < len(self._begins) else len(self._text)
        inside = self._text[self._begins[line] : end]
        return line > 0 and inside != "" and not inside.strip()
