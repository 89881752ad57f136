"""What every node reaches, as one bit mask per node, in one pass over the strong components."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from networkx import DiGraph


def reached(graph: "DiGraph[int]", marks: Mapping[int, int]) -> dict[int, int]:
    """Return per node the union of the marks of itself and of all it reaches.

    Time is linear in edges however much is reached; cycles share one mask. Marks are bits of any
    number (Python integers).
    """
    import networkx as nx

    component: dict[int, int] = {}
    masks: list[int] = []
    # networkx yields components in reverse topological order: all that one reaches came before it.
    for members in nx.strongly_connected_components(graph):
        mask = 0
        number = len(masks)
        for node in members:
            component[node] = number
            mask |= marks.get(node, 0)
        for node in members:
            for successor in graph.adj[node]:
                other = component[successor]
                if other != number:
                    mask |= masks[other]
        masks.append(mask)
    return {node: masks[number] for node, number in component.items()}


def bits(mask: int) -> list[int]:
    """List the numbers of the bits that are set, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
