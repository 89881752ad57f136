"""Mermaid: a flowchart whose labels are quoted and hold nothing that Mermaid gives a meaning."""

from datetime import datetime

from nhiscan.export.graph.gather import Graph, Node
from nhiscan.text import is_unsafe, printable

# Mermaid draws no chart of more edges unless it is told to (`maxEdges`).
MOST_EDGES = 500
_LABEL = 60
# Besides letters and digits: nothing of these ends a label, opens a tag or starts an entity.
_PLAIN = frozenset(" _-.,:/@")
_ARROWS = {"NHI_CanActAs": "-->", "NHI_CanBecome": "-.->"}


def mermaid(graph: Graph, now: datetime) -> bytes:
    """Write a flowchart, without credentials: nodes are numbered, so that no id is markup."""
    drawn = [node for node in graph.nodes if node.kinds[0] != "NHI_Credential"]
    number = {node.id: f"n{place}" for place, node in enumerate(drawn)}
    lines = ["flowchart LR", *(f'  {number[node.id]}["{_label(node)}"]' for node in drawn)]
    for edge in graph.edges:
        if edge.source in number and edge.target in number:
            arrow = _ARROWS.get(edge.kind, "---")
            words = edge.kind.removeprefix("NHI_")
            lines.append(f"  {number[edge.source]} {arrow}|{words}| {number[edge.target]}")
    return ("\n".join(lines) + "\n").encode()


def _label(node: Node) -> str:
    kind = str(node.facts.get("identity_kind") or node.kinds[0].removeprefix("NHI_"))
    where = node.facts.get("tenant_id")
    text = f"{kind} {node.facts.get('name', node.id)}" + (f", {where}" if where else "")
    return "".join(map(_inert, printable(text, _LABEL)))


def _inert(character: str) -> str:
    """Write as a numeric entity what is neither a letter, a digit nor plain."""
    plain = character in _PLAIN or (character.isalnum() and not is_unsafe(character))
    return character if plain else f"#{ord(character)};"
