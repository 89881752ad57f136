"""BloodHound's OpenGraph: kinds of our own, values that are primitive or lists of one type."""

import json
from datetime import datetime
from typing import Any

from nhiscan.export.graph.gather import Facts, Graph
from nhiscan.text import printable

# The schema takes at most three kinds per node.
KINDS = 3


def opengraph(graph: Graph, now: datetime) -> bytes:
    """Write OpenGraph JSON. Ends are matched by id; matching by name is deprecated there."""
    nodes = [
        {"id": printable(one.id), "kinds": list(one.kinds[:KINDS]), "properties": _safe(one.facts)}
        for one in graph.nodes
    ]
    edges = [
        {
            "start": {"match_by": "id", "value": printable(one.source)},
            "end": {"match_by": "id", "value": printable(one.target)},
            "kind": one.kind,
            "properties": _safe(one.facts),
        }
        for one in graph.edges
    ]
    whole = {"metadata": {"source_kind": "NHIScan"}, "graph": {"nodes": nodes, "edges": edges}}
    return json.dumps(whole, indent=1, ensure_ascii=True).encode() + b"\n"


def _safe(facts: Facts) -> dict[str, Any]:
    return {key: _value(value) for key, value in facts.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [printable(str(one)) for one in value]
    return value if isinstance(value, (bool, int, float)) else printable(str(value))
