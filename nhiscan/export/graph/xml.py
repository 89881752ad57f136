"""GraphML and GEXF, written by networkx: flat values, text that no XML reader stumbles over."""

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.export.graph.gather import Facts, Graph
from nhiscan.text import printable

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Scalar = str | int | float | bool


def graphml(graph: Graph, now: datetime) -> bytes:
    """Write GraphML 1.0; the key of an edge is its kind."""
    from networkx.readwrite.graphml import write_graphml_xml

    stream = io.BytesIO()
    write_graphml_xml(networkx_graph(graph), stream)
    return stream.getvalue()


def gexf(graph: Graph, now: datetime) -> bytes:
    """Write GEXF 1.2; it is dated by our clock, so that a report can be made again."""
    from networkx import write_gexf

    stream = io.BytesIO()
    write_gexf(networkx_graph(graph), stream)
    date = f'lastmodifieddate="{now:%Y-%m-%d}"'.encode()
    return re.sub(rb'lastmodifieddate="[^"]*"', date, stream.getvalue(), count=1)


def networkx_graph(graph: Graph) -> "MultiDiGraph[str]":
    """Make a networkx graph with flat attributes: lists joined, control characters escaped."""
    import networkx as nx

    made: MultiDiGraph[str] = nx.MultiDiGraph()
    for node in graph.nodes:
        facts = {"label": node.facts.get("name", node.id), **node.facts}
        made.add_node(printable(node.id), kind=node.kinds[0], **_flat(facts))
    for edge in graph.edges:
        ends = printable(edge.source), printable(edge.target)
        made.add_edge(*ends, edge.kind, kind=edge.kind)
        made.edges[*ends, edge.kind].update(_flat(edge.facts))
    return made


def _flat(facts: Facts) -> dict[str, Scalar]:
    return {key: _scalar(value) for key, value in facts.items()}


def _scalar(value: object) -> Scalar:
    if isinstance(value, list):
        return printable("; ".join(map(str, value)))
    return value if isinstance(value, (bool, int, float)) else printable(str(value))
