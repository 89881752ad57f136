"""Carries comments from the tree of an old file over to one made of new values."""

from nhiscan.matrix.tree import Node


def carry(old: Node, new: Node) -> None:
    """Hang every comment of `old` on what stands for the same in `new`.

    Instances are the same by their id, other items by what they say, else by their place. A key
    that said nothing but carried a comment is kept; a comment on what is gone goes with it.
    """
    new.above, new.beside, new.below = old.above, old.beside, old.below
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        for key, child in old.value.items():
            if key in new.value:
                carry(child, new.value[key])
            elif child.value is None and child.commented():
                new.value[key] = child
    elif isinstance(old.value, list) and isinstance(new.value, list):
        for before, after in _pairs(old.value, new.value):
            carry(before, after)


def _pairs(old: list[Node], new: list[Node]) -> list[tuple[Node, Node]]:
    """Pair the items of two lists, each at most once."""
    named: dict[str, Node] = {}
    for item in old:
        named.setdefault(_name(item), item)
    found = []
    for place, item in enumerate(new):
        before = named.pop(_name(item), None)
        if before is None and place < len(old) and len(old) == len(new) and not _has_id(item):
            before = old[place] if _name(old[place]) in named else None
        if before is not None:
            found.append((before, item))
    return found


def _has_id(item: Node) -> bool:
    return isinstance(item.value, dict) and "id" in item.value


def _name(item: Node) -> str:
    """Name an item: by its id, else by all that it says."""
    if isinstance(item.value, dict) and "id" in item.value:
        return f"id {item.value['id'].value}"
    return _said(item)


def _said(node: Node) -> str:
    if isinstance(node.value, dict):
        inside = (f"{key!r}: {_said(child)}" for key, child in sorted(node.value.items()))
        return "{" + ", ".join(inside) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_said, node.value)) + "]"
    return repr(node.value if node.raw is None else node.raw)
