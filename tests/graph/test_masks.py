"""Masks over strong components say the same as walking from every node."""

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.reach import tenants_reached
from nhiscan.graph.trust import Fleet

SIZE = 14
edges = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda e: e[0] != e[1]),
    max_size=40,
)
tenants = st.lists(st.sampled_from("abcdef"), min_size=SIZE, max_size=SIZE)


def fleet(pairs: set[tuple[int, int]], places: list[str]) -> Fleet:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(SIZE))
    graph.add_edges_from(sorted(pairs))
    return Fleet(graph, [str(n) for n in range(SIZE)], places)


@settings(max_examples=300, deadline=None)
@given(pairs=edges, marks=st.dictionaries(st.integers(0, SIZE - 1), st.integers(0, 2**70)))
def test_masks_equal_descendants(pairs: set[tuple[int, int]], marks: dict[int, int]) -> None:
    graph = fleet(pairs, ["a"] * SIZE).graph
    found = reached(graph, marks)
    for node in graph:
        expected = 0
        for other in {node, *nx.descendants(graph, node)}:
            expected |= marks.get(other, 0)
        assert found[node] == expected


@settings(max_examples=300, deadline=None)
@given(pairs=edges, places=tenants)
def test_tenants_reached_equal_shortest_walks(
    pairs: set[tuple[int, int]], places: list[str]
) -> None:
    one = fleet(pairs, places)
    expected: dict[tuple[int, str], int] = {}
    for node in one.graph:
        for other, hops in nx.single_source_shortest_path_length(one.graph, node).items():
            if places[other] != places[node]:
                key = node, places[other]
                expected[key] = min(hops, expected.get(key, hops))
    found = list(tenants_reached(one))
    assert {(node, tenant): hops for node, tenant, hops in found} == expected
    assert len(found) == len(expected)


holders = st.lists(
    st.tuples(st.sets(st.integers(0, SIZE - 1)), st.sets(st.integers(0, SIZE - 1))), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(pairs=edges, places=tenants, groups=holders)
def test_holding_a_grant_is_no_step(
    pairs: set[tuple[int, int]], places: list[str], groups: list[tuple[set[int], set[int]]]
) -> None:
    compact, plain = fleet(pairs, list(places)), set(pairs)
    for members, targets in groups:
        home = places[min(members, default=0)]
        node = len(compact.tenants)
        compact.tenants.append(home)
        ours = [m for m in members if places[m] == home]
        compact.graph.add_edges_from((m, node) for m in ours)
        compact.graph.add_edges_from((node, t) for t in targets)
        plain |= {(m, t) for m in ours for t in targets if m != t}
    found = sorted(tenants_reached(compact))
    assert found == sorted(tenants_reached(fleet(plain, places)))


def test_bits() -> None:
    assert bits(0) == []
    assert bits(1 << 100 | 1 << 3 | 1) == [0, 3, 100]


materials = st.lists(st.sets(st.integers(0, SIZE - 1), min_size=2), max_size=3)


@settings(max_examples=300, deadline=None)
@given(pairs=edges, places=tenants, groups=materials)
def test_a_credential_of_many_tenants_is_an_edge_between_all_of_them(
    pairs: set[tuple[int, int]], places: list[str], groups: list[set[int]]
) -> None:
    compact, plain = fleet(pairs, list(places)), set(pairs)
    for members in groups:
        node = len(compact.tenants)
        compact.tenants.append("")  # of no tenant: whoever holds it
        compact.graph.add_edges_from((m, node) for m in members)
        compact.graph.add_edges_from((node, m) for m in members)
        plain |= {(m, t) for m in members for t in members if m != t}
    found = sorted(tenants_reached(compact))
    assert found == sorted(tenants_reached(fleet(plain, places)))
