"""The summary counts what the store holds, says what it cannot know, and calls nobody."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jsonschema import validate

from nhiscan.export.messages import body
from nhiscan.export.schemas import schema
from nhiscan.export.summary import summarize
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.export.conftest import TENANTS, Build, _stage, finding

LATER = datetime(2026, 7, 1, tzinfo=UTC)
EARLIER = datetime(2026, 4, 1, tzinfo=UTC)
HOSTILE = "<!channel> <@U1> @everyone @here [x](http://x) **b** &amp; <at>all</at>"


def summary(store: Path, tenant: str | None = None) -> dict[str, Any]:
    with open_reader(store) as con:
        return summarize(con, tenant, LATER)


def test_it_counts(build: Build) -> None:
    store = build(
        [
            finding("acme", "backup", owner_id="dana"),
            finding("acme", "deploy", opened_at=EARLIER, severity="low", due_at=None),
            finding("beta", "backup", status="accepted"),
            finding("beta", "deploy", status="resolved", resolved_at=EARLIER),
        ]
    )
    made = summary(store)
    assert (made["open"], made["new"], made["overdue"], made["resolved"]) == (2, 1, 1, 0)
    assert made["by_status"] == {"open": 2, "unknown": 0, "accepted": 1}
    assert [one["severity"] for one in made["worst_new"]] == ["high"]
    assert [(one["owner"], one["open"]) for one in made["owners"]] == [(None, 1), ("dana", 1)]
    assert not made["counts_are_lower_bounds"]
    assert "at least" not in made["text"]
    validate(body(made, "json"), schema("summary"))


def test_what_was_not_read_makes_counts_lower_bounds(build: Build) -> None:
    made = summary(build([finding("acme", "backup", status="unknown")], denied=["acme"]))
    assert made["counts_are_lower_bounds"]
    assert made["open"] == made["by_status"]["unknown"] == 1
    assert [one["state"] for one in made["not_read"]] == ["denied"]
    assert "at least 1 open" in made["text"]
    assert "1 sources not read" in made["text"]


def test_a_client_that_was_never_read_is_not_a_clean_one(build: Build) -> None:
    store = build([])
    with revise(store, LATER) as revision:
        new = {"tenant_id": "new", "name": "New", "kind": "client", "client_group": "new"}
        _stage(revision, "tenant", [*TENANTS, new])
    made = summary(store, "new")
    assert made["open"] == 0
    assert made["counts_are_lower_bounds"]
    assert [one["state"] for one in made["not_read"]] == ["never_read"]


def test_no_client_is_named_to_another(build: Build) -> None:
    shared = finding("acme", "backup", title="Used by Beta Freight", owner_id="bo")
    made = summary(build([shared, finding("beta", "deploy")], denied=["beta"]), "acme")
    for style in ("json", "slack", "teams"):
        assert "beta" not in json.dumps(body(made, style)).lower()
    assert made["open"] == 1
    assert made["not_read"] == []


def test_hostile_names_are_text(build: Build) -> None:
    made = summary(build([finding("acme", "backup", title=HOSTILE)]))
    slack = body(made, "slack")
    said = "\n".join(block["text"]["text"] for block in slack["blocks"])
    assert "<" not in said
    assert "@everyone" not in said
    assert {block["text"]["type"] for block in slack["blocks"]} == {"plain_text"}
    card = body(made, "teams")["attachments"][0]["content"]
    shown = "\n".join(block["text"] for block in card["body"])
    assert "<" not in shown
    assert "[x](" not in shown
    assert "**b**" not in shown
    assert card["version"] == "1.4"


def test_messages_stay_small(build: Build) -> None:
    rows = [finding("acme", f"u{number}", title="&<" * 900) for number in range(50)]
    slack = body(summary(build(rows)), "slack")
    assert all(len(block["text"]["text"]) <= 3000 for block in slack["blocks"])
