"""Catalogs and the crosswalk are data that agree with each other and with the query library."""

from pathlib import Path

import pytest

from nhiscan.matrix.catalog import built_in
from nhiscan.matrix.crosswalk import crossings, frameworks, rules
from nhiscan.matrix.model import Matrix
from nhiscan.matrix.offline import offline
from nhiscan.sql import library
from tests.matrix.written import NOW, project

OF_RULES = {query.rule: query for query in library.load().values() if query.rule}


def test_every_framework_has_a_catalog_of_distinct_ids() -> None:
    sizes = {catalog.framework: len(catalog.criteria) for catalog in built_in()}

    assert next(iter(sizes)) == "soc2"
    assert sizes["soc2"] == 61
    assert set(sizes) == {"soc2", "csf", "owasp_nhi", "nist_800_53", "iso_27001", "cis", "ai_rmf"}
    for catalog in built_in():
        ids = [criterion.id for criterion in catalog.criteria]
        assert len(ids) == len(set(ids))
        assert all(criterion.title and criterion.domain for criterion in catalog.criteria)


def test_the_crosswalk_names_ids_that_catalogs_have() -> None:
    known = {(k.framework, c.id) for k in built_in() for c in k.criteria}

    assert {(one.framework, one.control_id) for one in crossings()} <= known


@pytest.mark.parametrize("rule", OF_RULES)
def test_headers_of_queries_equal_the_crosswalk(rule: str) -> None:
    assert frameworks(rule) == OF_RULES[rule].frameworks, "see matrix/catalogs/crosswalk.json"


def test_rules_that_the_table_does_not_list_inherit() -> None:
    assert frameworks("CTL-12") == frameworks("CTL-03")
    assert frameworks("CRD-03") == frameworks("CRD-01")
    assert frameworks("ZZZ-01") is None
    assert "REV-05" in rules()


def test_agents_of_ai_speak_of_their_own_framework_too() -> None:
    agents = {(one.rule, one.control_id) for one in crossings() if one.kind == "ai_agent"}

    assert {("OWN-01", "GOVERN 2.1"), ("CTL-07", "GOVERN 1.6"), ("CTL-07", "GOVERN 2.1")} <= agents
    assert {("LIF-01", "MANAGE 2.4"), ("SHR-07", "GOVERN 6.1")} <= agents
    assert not any(rule.startswith("CRD") for rule, _ in agents)


def test_the_view_tells_it_in_sql(tmp_path: Path) -> None:
    with offline(project(tmp_path), Matrix(catalogs=built_in()), NOW) as con:
        found = con.execute(
            "SELECT control_id, strength FROM crosswalk WHERE rule = 'OWN-04'"
            " AND framework = 'soc2' ORDER BY control_id"
        ).fetchall()

    assert found == [("A1.2", "contributing"), ("CC1.3", "primary")]
