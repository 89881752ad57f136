"""`nhiscan gaps` and `nhiscan diff` as users run them."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import Credential
from tests.findings.days import Store, without_key
from tests.queries import estate

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """An estate in which a key was rotated, a role widened, a user made; then a read was denied."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.scan(0, estate.acme(), estate.beta(), estate.msp())
    changed = without_key(estate.acme(), "deploy/AAAA")
    changed.identity("new", privilege="read")
    changed.owners["idle"] = {"owner_status": "declared", "owner_id": "dana"}
    changed.records = [
        one
        if getattr(one, "key", "") != "old/CCCC" or not isinstance(one, Credential)
        else off(one)
        for one in changed.records
    ]
    store.scan(1, changed, estate.beta(), estate.msp())
    store.scan(2, changed, estate.beta(), estate.msp(), denied={estate.DETAILS})
    return store


def off(key: Credential) -> Credential:
    return Credential(
        key=key.key,
        identity=key.identity,
        kind=key.kind,
        public_id=key.public_id,
        created_at=key.created_at,
        status="inactive",
        source=key.source,
    )


@pytest.fixture
def run(scanned: Store) -> Run:
    def go(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 our own command, with the test's arguments
            [
                str(Path(sys.executable).with_name("nhiscan")),
                arguments[0],
                "--db",
                str(scanned.path),
                *arguments[1:],
            ],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return go


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_gaps_are_open_or_unknown_and_the_worst_come_first(run: Run) -> None:
    found = rows(run("gaps", "--format", "json"))
    levels = ["critical", "high", "medium", "low", "info"]

    assert {row["status"] for row in found} == {"open", "unknown"}
    order = [levels.index(row["severity"]) for row in found]
    assert order == sorted(order)
    public = next(row for row in found if row["rule"] == "SHR-09")
    assert public["status"] == "unknown"
    assert public["unread"] == ["iam.authorization_details (global): denied, AccessDenied"]


def test_gaps_are_chosen_by_tenant_owner_rule_severity_and_status(run: Run) -> None:
    def chosen(*arguments: str) -> list[dict[str, Any]]:
        return rows(run("gaps", *arguments, "--format", "json"))

    assert {row["tenant_id"] for row in chosen("--tenant", "beta")} == {"beta"}
    assert {row["rule"] for row in chosen("--rule", "lif-01")} == {"LIF-01"}
    assert {row["owner_id"] for row in chosen("--owner", "Dana Ruiz")} == {"dana"}
    assert {row["owner_id"] for row in chosen("--owner", "unassigned")} == {None}
    assert {row["severity"] for row in chosen("--severity", "critical")} == {"critical"}
    resolved = chosen("--status", "resolved")
    assert any("…AAAA" in row["title"] for row in resolved)
    assert not any("…AAAA" in row["title"] for row in chosen())


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--tenant", "acmee"), "acme"),
        (("--rule", "OWN-91"), "OWN-01"),
        (("--owner", "dan"), "dana"),
    ],
)
def test_gaps_refuses_names_that_nobody_knows(
    run: Run, arguments: tuple[str, str], hint: str
) -> None:
    done = run("gaps", *arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert hint in done.stderr.partition("hint:")[2]


def test_gaps_exits_1_only_where_it_is_asked_to(run: Run) -> None:
    assert run("gaps").returncode == 0
    assert run("gaps", "--fail-on", "critical").returncode == 1
    assert run("gaps", "--tenant", "beta", "--fail-on", "low").returncode == 1
    assert run("gaps", "--tenant", "beta", "--fail-on", "critical").returncode == 0


def test_gaps_as_of_shows_what_was_open_then(run: Run) -> None:
    done = run("gaps", "--as-of", "2026-11-01T12:00:00Z", "--format", "csv")
    titles = [row["title"] for row in csv.DictReader(io.StringIO(done.stdout))]

    assert any("…AAAA" in title for title in titles)


def test_diff_tells_what_appeared_changed_and_went(run: Run) -> None:
    found = rows(run("diff", "--from", "scan-2026110106", "--to", "scan-2026110206",
                     "--format", "json"))  # fmt: skip
    seen = {(row["change"], row["what"], row["name"], row["column"]) for row in found}

    assert ("appeared", "identity", "new", None) in seen
    assert ("went", "credential", "access_key …AAAA", None) in seen
    assert ("changed", "credential", "access_key …CCCC", "status") in seen
    assert ("changed", "owner", "idle", "owner_status") in seen
    assert ("went", "finding", "OWN-01 idle has no owner", None) in seen
    owner = next(row for row in found if row["column"] == "owner_status")
    assert (owner["old"], owner["new"]) == ("unowned", "declared")
    assert not any(row["change"] == "went" and row["what"] == "identity" for row in found)


def test_diff_says_unknown_and_not_gone_where_a_read_was_denied(run: Run) -> None:
    found = rows(run("diff", "--format", "json"))  # the last scan against the one before

    assert not any(row["change"] == "went" for row in found)
    unknown = [row for row in found if row["change"] == "unknown"]
    assert {row["account_id"] for row in unknown} == {f"aws:{estate.ACME}"}
    assert "denied" in unknown[0]["new"]


def test_diff_of_the_same_estate_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, estate.acme(), estate.msp())
    store.scan(0.5, estate.acme(), estate.msp())
    done = subprocess.run(  # noqa: S603 our own command
        [str(Path(sys.executable).with_name("nhiscan")), "diff", "--db", str(store.path),
         "--format", "json"],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip

    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "yesterday"), "neither a date nor the id of a scan"),
        (("--to", "scan-2026110207"), "scan-2026110206"),
        (("--from", "2027-01-01"), "is not before"),
    ],
)
def test_diff_refuses_moments_that_make_no_sense(
    run: Run, arguments: tuple[str, str], words: str
) -> None:
    done = run("diff", *arguments)

    assert done.returncode == 2
    assert words in done.stderr
