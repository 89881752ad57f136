"""Every query file is whole: a help page, SQL that binds, and a rule's columns of a finding."""

from pathlib import Path

import msgspec
import pytest

from nhiscan import plugins
from nhiscan.config.model import Policy
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.queries import estate

QUERIES = library.load()
RULES = {name: query for name, query in QUERIES.items() if query.rule}
FRAMEWORKS = {"soc2", "csf", "owasp_nhi", "nist_800_53", "iso_27001", "cis"}
OF_A_FINDING = {
    "verdict": "VARCHAR",
    "tenant_id": "VARCHAR",
    "account_id": "VARCHAR",
    "subject": "VARCHAR",
    "title": "VARCHAR",
    "would_change": "VARCHAR",
    "rests_on": "VARCHAR[]",
    "unread": "VARCHAR[]",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "nhiscan.duckdb"
    with revise(path, estate.NOW) as revision:
        for name in plugins.names(plugins.PROVIDERS):
            revision.declare(name, plugins.provider(name).sources())
    return path


@pytest.mark.parametrize("name", QUERIES)
def test_sql_binds_and_an_empty_store_gives_no_row(name: str, empty: Path) -> None:
    query = QUERIES[name]
    values = query.values({}, msgspec.structs.asdict(Policy()), estate.NOW)
    con = open_reader(empty)
    try:
        plan = run(con, f"EXPLAIN {query.sql}", values)
        rows = run(con, query.sql, values).rows
    finally:
        con.close()

    assert plan.rows
    assert list(rows) == []


@pytest.mark.parametrize("name", QUERIES)
def test_header_is_a_help_page(name: str) -> None:
    query = QUERIES[name]

    assert query.unknown
    assert set(query.frameworks) <= FRAMEWORKS
    for param in query.params:
        assert f"${param.name}" in query.sql
        assert param.help


@pytest.mark.parametrize("name", RULES)
def test_rules_have_what_a_finding_needs(name: str, empty: Path) -> None:
    query = RULES[name]
    assert query.severity
    assert query.remediation
    assert "soc2" in query.frameworks
    values = query.values({}, msgspec.structs.asdict(Policy()), estate.NOW)
    con = open_reader(empty)
    try:
        described = run(con, f"DESCRIBE {query.sql}", values).rows
    finally:
        con.close()

    types = {row[0]: row[1] for row in described}
    assert {name: types.get(name) for name in OF_A_FINDING} == OF_A_FINDING


def test_no_two_queries_have_one_rule() -> None:
    # of controls, and of reviews: their subjects are instances and identities
    twice = {"reviewer-operates"}
    rules = [query.rule for name, query in RULES.items() if name not in twice]

    assert sorted(rules, key=str) == sorted(set(rules), key=str)


def test_premises_name_sources_that_an_adapter_has(empty: Path) -> None:
    con = open_reader(empty)
    try:
        named = {row[0] for row in con.execute("SELECT source FROM premises").fetchall()}
    finally:
        con.close()
    sources = {
        source.name
        for name in plugins.names(plugins.PROVIDERS)
        for source in plugins.provider(name).sources()
    }

    assert named <= sources
    # entries are left out on purpose: without one nothing can be said of an account at all
    assert sources - named <= {"sts.identity", "entra.token", "entry.directories"}
