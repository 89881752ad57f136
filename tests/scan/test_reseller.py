"""One entry of the MSP reaches accounts of several clients."""

import json
from typing import Any

from tests.scan.conftest import Estate

CONFIG = """\
msp: {{id: northwind}}
tenants:
  - id: northwind
    kind: msp
    providers: [{{type: tape, tape: {0}, map: {{a1: acme, b1: beta}}}}]
  - {{id: acme}}
  - {{id: beta}}
"""
TAPE: dict[str, Any] = {
    "accounts": [{"id": "a1", "users": ["backup"]}, {"id": "b1", "users": ["backup"]}]
}


def written(estate: Estate, tape: dict[str, Any]) -> None:
    file = estate.path / "msp.json"
    file.write_text(json.dumps(tape))
    (estate.path / "nhiscan.yaml").write_text(CONFIG.format(file))


def test_each_account_goes_to_its_client(estate: Estate) -> None:
    written(estate, TAPE)
    result = estate.run("scan")
    assert result.returncode == 0, result.stderr
    rows = estate.rows("SELECT tenant_id, account_id FROM identities ORDER BY ALL")
    assert rows == [("acme", "tape:a1"), ("beta", "tape:b1")]
    assert "acme: 1 account read" in result.stderr


def test_a_filter_reaches_a_client_through_the_msps_entry(estate: Estate) -> None:
    written(estate, TAPE)
    assert estate.run("scan", "--tenant", "acme").returncode == 0
    assert estate.played("msp") == ["a1"]


def test_a_plan_that_fails_leaves_no_client_looking_fresh(estate: Estate) -> None:
    written(estate, TAPE)
    assert estate.run("scan").returncode == 0
    written(estate, TAPE | {"plan": {"refuse": "denied"}})
    assert estate.run("scan", now="2026-11-02T06:00:00Z").returncode == 3
    rows = estate.rows(
        "SELECT tenant_id, state FROM latest_coverage WHERE source = 'tape.users' ORDER BY ALL"
    )
    assert rows == [("acme", "denied"), ("beta", "denied"), ("northwind", "denied")]
    assert estate.rows("SELECT count(*) FROM identities") == [(2,)]


def test_a_client_collects_nothing_through_the_msps_entry(estate: Estate) -> None:
    written(estate, TAPE)
    result = estate.run("collect", "--tenant", "acme", "-o", "out")
    assert result.returncode == 2
    assert "no provider to collect" in result.stderr
    collected = estate.run("collect", "--tenant", "northwind", "-o", "out")
    assert collected.returncode == 0
    merged = estate.run("merge", "out")
    assert merged.returncode == 0, merged.stderr
    assert estate.rows("SELECT tenant_id FROM identities ORDER BY 1") == [("acme",), ("beta",)]
