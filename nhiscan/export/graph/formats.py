"""The formats of a graph, by the name that `--as` takes."""

from collections.abc import Callable, Mapping
from datetime import datetime

from nhiscan.export.graph.gather import Graph
from nhiscan.export.graph.mermaid import mermaid
from nhiscan.export.graph.opengraph import opengraph
from nhiscan.export.graph.xml import gexf, graphml

FORMATS: Mapping[str, Callable[[Graph, datetime], bytes]] = {
    "graphml": graphml,
    "gexf": gexf,
    "opengraph": opengraph,
    "mermaid": mermaid,
}
