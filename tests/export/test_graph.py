"""`nhiscan export graph`: four formats, inert text, and the wall of a client."""

import json
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from nhiscan.export.graph.formats import FORMATS
from nhiscan.export.graph.gather import OTHERS, Graph, gather
from nhiscan.export.graph.mermaid import mermaid
from nhiscan.records import Credential
from nhiscan.store.read import open_reader
from tests.conftest import Project
from tests.graph.test_become import power, user
from tests.graph.test_blast import operator
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import may_assume
from tests.graph.test_relations import of_account, of_role, role
from tests.matrix.linked import Linked, instance
from tests.ownership.estate import AT, identity, identity_id, party

HOSTILE = '\x1b[2J"]; click n0 "javascript:alert(1)"\n%%{init}%% <img src=x> `end` #quot; \u202e'

HIDDEN = "beta-secret-project"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    made = Linked(tmp_path_factory.mktemp("estate"))
    made.parties = [
        party("dana", org="msp"),
        party("lee", org="msp"),
        party("bo", org="client:beta"),
    ]
    made.client(
        "acme",
        instance("acme/backup", "A1.2", accountable="dana", backup="lee",
                 custody=[{"who": "msp", "person": "lee", "from": "2026-01-01", "to": None}]),
    )  # fmt: skip
    key = Credential(key="k", identity="keeper", kind="access_key", status="active",
                     source="iam.authorization_details")  # fmt: skip
    made.scan(
        {
            "northwind": [
                role("bot", "northwind", privilege="none"),
                may_assume("bot", "*"),
                power("bot", "*", "changed_trust"),
                role("next", "northwind"),
            ],
            "acme": [
                *operator("acme", "keeper", tags={"owner": "dana@acme.example"}),
                key,
                of_role("keeper", "northwind", "bot"),
                of_account("keeper", "999900001111", statement=1),
                role("in", "acme"),
                of_role("in", "beta", HIDDEN),
                user(HOSTILE, tags={"owner": "dana@acme.example"}),
            ],
            "beta": [
                role("beta-secret-project", "beta"),
                of_role("beta-secret-project", "acme", "in"),
            ],
        }
    )
    return made


def graph(estate: Linked, tenant: str | None = None, **limits: Any) -> Graph:
    with open_reader(estate.store) as con:
        return gather(con, tenant, **limits)


def drawn(found: Graph) -> set[tuple[str, str, str]]:
    names = {node.id: str(node.facts.get("name")) for node in found.nodes}
    return {(edge.kind, names[edge.source], names[edge.target]) for edge in found.edges}


def test_nodes_and_edges_of_every_kind(estate: Linked) -> None:
    found = graph(estate)
    assert {node.kinds[0] for node in found.nodes} == {
        "NHI_Identity",
        "NHI_Credential",
        "NHI_Person",
        "NHI_Tenant",
        "NHI_ControlInstance",
        "NHI_Principal",
    }
    assert {
        ("NHI_CanActAs", "bot", "keeper"),
        ("NHI_CanActAs", "arn:aws:iam::999900001111:root", "keeper"),
        ("NHI_CanBecome", "bot", "next"),
        ("NHI_AuthenticatesWith", "keeper", "access_key"),
        ("NHI_AccountableFor", "Dana", "keeper"),
        ("NHI_AccountableFor", "Dana", "acme/backup"),
        ("NHI_BackupFor", "Lee", "acme/backup"),
        ("NHI_CustodianOf", "Lee", "acme/backup"),
        ("NHI_Operates", "keeper", "acme/backup"),
        ("NHI_BelongsTo", "keeper", "Acme"),
    } <= drawn(found)
    assert ("NHI_CanActAs", "bot", "next") not in drawn(found)


def test_a_grant_of_many_holders_and_doors_is_a_node_of_its_own(estate: Linked) -> None:
    found = graph(estate, expanded=0)
    [node] = [node for node in found.nodes if node.kinds == ("NHI_Holders",)]
    ends = {(edge.kind, edge.source, edge.target) for edge in found.edges if node.id in
            (edge.source, edge.target)}  # fmt: skip
    assert ends == {
        ("NHI_CanBecome", identity_id("northwind", "bot"), node.id),
        ("NHI_CanBecome", node.id, identity_id("northwind", "bot")),
        ("NHI_CanBecome", node.id, identity_id("northwind", "next")),
    }


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networkx_reads_back_what_was_written(estate: Linked, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"graph.{form}"
    done = nhiscan(estate, "export", "graph", "--as", form, "--to", str(file))
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    read = nx.read_graphml(file) if form == "graphml" else nx.read_gexf(file)
    whole = graph(estate)
    assert set(read.nodes) == {node.id for node in whole.nodes}
    edges = {(source, target, facts["kind"]) for source, target, facts in read.edges(data=True)}
    assert edges == {(edge.source, edge.target, edge.kind) for edge in whole.edges}
    keeper = read.nodes[identity_id("acme", "keeper")]
    assert (keeper["kind"], keeper["identity_kind"]) == ("NHI_Identity", "role")
    assert read.nodes["instance:acme/backup"]["criteria"] == "A1.2"
    assert not any(value is None for _, facts in read.nodes(data=True) for value in facts.values())
    if form == "gexf":
        assert f'lastmodifieddate="{AT:%Y-%m-%d}"' in file.read_text()


def test_opengraph_keeps_to_its_rules(estate: Linked) -> None:
    done = nhiscan(estate, "export", "graph", "--as", "opengraph")
    whole = json.loads(done.stdout)
    assert whole["metadata"] == {"source_kind": "NHIScan"}
    nodes, edges = whole["graph"]["nodes"], whole["graph"]["edges"]
    ids = {node["id"] for node in nodes}
    assert len(ids) == len(nodes)
    for node in nodes:
        assert 1 <= len(node["kinds"]) <= 3
        assert all(kind.startswith("NHI_") for kind in node["kinds"])
    for edge in edges:
        assert re.fullmatch(r"NHI_[A-Za-z0-9_]+", edge["kind"])
        for end in ("start", "end"):
            assert edge[end]["match_by"] == "id"
            assert edge[end]["value"] in ids
    for facts in (one["properties"] for one in (*nodes, *edges)):
        assert "objectid" not in facts
        for key, value in facts.items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", key)
            values = value if isinstance(value, list) else [value]
            assert len({type(one) for one in values}) == 1
            assert all(isinstance(one, (str, bool, int, float)) for one in values)


@pytest.mark.parametrize("form", list(FORMATS))
def test_hostile_names_are_only_names(estate: Linked, form: str) -> None:
    done = nhiscan(estate, "export", "graph", "--as", form, "--tenant", "acme")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    if form != "opengraph":  # JSON gives a bracket no meaning
        assert "<img" not in done.stdout


LINE = re.compile(
    r'flowchart LR|  n\d+\["[^"\[\](){}<>`#;|%\x00-\x1f]*(?:#\d+;[^"\[\](){}<>`#;|%\x00-\x1f]*)*"\]'
    r"|  n\d+ (?:-->|-\.->|---)\|[A-Za-z]+\| n\d+"
)


def test_a_mermaid_chart_has_no_line_of_another_form(estate: Linked) -> None:
    chart = mermaid(graph(estate), AT).decode()
    assert chart.startswith("flowchart LR\n")
    for line in chart.splitlines():
        assert LINE.fullmatch(line), line
    assert "CanBecome" in chart


@pytest.mark.parametrize("form", list(FORMATS))
def test_a_clients_graph_names_no_other_client(estate: Linked, form: str) -> None:
    done = nhiscan(estate, "export", "graph", "--as", form, "--tenant", "acme")
    assert done.returncode == 0, done.stderr
    text = done.stdout.lower()
    for word in (
        "beta",
        "secret-project",
        "555566667777",
        identity_id("beta", "beta-secret-project"),
    ):
        assert word not in text
    assert "keeper" in text


def test_another_clients_identity_is_one_node_without_facts(estate: Linked) -> None:
    found = graph(estate, "acme")
    assert ("NHI_CanActAs", "[another client]", "in") in drawn(found)
    assert ("NHI_CanActAs", "in", "[another client]") in drawn(found)
    [other] = [node for node in found.nodes if node.id == OTHERS]
    assert other.facts == {"name": "[another client]"}
    assert ("NHI_CanActAs", "bot", "keeper") in drawn(found)


def test_the_sample_estates_clients_do_not_see_each_other(scanned: Project) -> None:
    for tenant, foreign in (("granite", ("acme", "juniper", "harbor")), ("harbor", ("granite",))):
        done = scanned.run("export", "graph", "--as", "opengraph", "--tenant", tenant)
        assert done.returncode == 0, done.stderr
        assert [name for name in foreign if name in done.stdout.lower()] == []


def test_an_unknown_tenant_exits_2_and_names_the_nearest(estate: Linked) -> None:
    done = nhiscan(estate, "export", "graph", "--as", "gexf", "--tenant", "acm")
    assert done.returncode == 2
    assert "did you mean 'acme'?" in done.stderr


def test_a_store_without_relations_is_an_empty_graph(tmp_path: Path) -> None:
    made = Linked(tmp_path)
    made.scan({"acme": [identity("i")]})
    for form in FORMATS:
        assert nhiscan(made, "export", "graph", "--as", form).returncode == 0
