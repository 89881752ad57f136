"""A directed graph of integers, without attributes and without what those would cost."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from networkx import DiGraph


def thin_graph() -> "DiGraph[int]":
    """Make an empty DiGraph whose edges share one dictionary, which must stay empty.

    A third of the time and half the memory of one per edge (networkx documents it: Graph,
    "Subclasses", ThinGraph).
    """
    import networkx as nx

    nothing: dict[str, Any] = {}

    class Thin(nx.DiGraph):  # type: ignore[type-arg]  # the class is no generic when it runs
        def _nothing(self) -> dict[str, Any]:
            return nothing

        edge_attr_dict_factory = _nothing
        node_attr_dict_factory = _nothing

        def to_directed_class(self) -> type["DiGraph[int]"]:
            return Thin

    return Thin()
