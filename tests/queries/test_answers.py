"""Each query answers right on the estate, and says unknown when what it rests on is not read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nhiscan.sql import library
from tests.queries import estate
from tests.queries.conftest import Rows, asker

Stores = Callable[[frozenset[str]], Path]
ACME, BETA = f"aws:{estate.ACME}", f"aws:{estate.BETA}"
ORGANIZATION = f"aws:{estate.ORGANIZATION}"


class Case(NamedTuple):
    """What a query shows of the whole estate (all of it), and without the source `denied`.

    `without` are the rows (label, verdict) that the second scan must have; a label of None is the
    account's own row.
    """

    name: str
    label: str
    shows: set[tuple[str, str]]
    never: set[str]
    denied: str
    without: set[tuple[str | None, str]]


CASES = [
    Case(
        "unowned",
        "name",
        {("idle", "open"), ("billing", "open")},
        {"fresh", "dana", "off", "AWSServiceRoleForX", "deploy", "registration"},
        estate.DETAILS,
        {(None, "unknown"), ("idle", "unknown")},
    ),
    Case(
        "orphaned",
        "name",
        {("old", "open")},
        {"deploy", "idle"},
        estate.DETAILS,
        {(None, "unknown"), ("old", "unknown")},
    ),
    Case(
        "owner-conflict",
        "name",
        {("bedrock", "open")},
        {"deploy"},
        estate.DETAILS,
        {(None, "unknown"), ("bedrock", "unknown")},
    ),
    Case(
        "team-only",
        "name",
        {("console", "open")},
        {"deploy"},
        estate.DETAILS,
        {(None, "unknown"), ("console", "unknown")},
    ),
    Case(
        "unmapped-accounts",
        "name",
        {("lost", "open")},
        set(),
        "organizations.accounts",
        {(None, "unknown"), ("lost", "unknown")},
    ),
    Case(
        "dormant",
        "name",
        {("old", "open"), ("quiet", "open")},
        {"deploy", "idle", "bedrock", "dana", "off", "AWSServiceRoleForX"},
        estate.REPORT,
        {(None, "unknown"), ("old", "unknown"), ("quiet", "open")},
    ),
    Case(
        "never-used",
        "name",
        {("idle", "open")},
        {"fresh", "quiet", "bedrock", "AWSServiceRoleForX"},
        estate.DETAILS,
        {(None, "unknown")},
    ),
    Case(
        "usage-unknown",
        "name",
        {("bedrock", "unknown")},
        {"quiet", "idle", "deploy"},
        estate.DETAILS,
        {(None, "unknown"), ("bedrock", "unknown")},
    ),
    Case(
        "unrotated",
        "public_id",
        {
            ("…AAAA", "open"),
            ("…CCCC", "open"),
            ("…value", "open"),
            ("…RRRR", "open"),
            ("…NNNN", "open"),
        },
        {"…BBBB", "…DDDD", "…password", "…HHHH", "…federated", "…MMMM", "…TTTT"},
        estate.REPORT,
        {(None, "unknown"), ("…AAAA", "unknown"), ("…value", "open")},
    ),
    Case(
        "several-live-keys",
        "holder",
        {("deploy", "open")},
        {"old", "console"},
        estate.REPORT,
        {(None, "unknown"), ("deploy", "unknown")},
    ),
    Case(
        "weak-federation",
        "name",
        {("ci", "open")},
        {"open", "monitoring"},
        estate.DETAILS,
        {(None, "unknown"), ("ci", "unknown")},
    ),
    Case(
        "expired",
        "public_id",
        {("…FFFF", "open")},
        {"…GGGG", "…AAAA"},
        estate.SPECIFIC,
        {(None, "unknown"), ("…FFFF", "unknown")},
    ),
    Case(
        "expiring",
        "public_id",
        {("…GGGG", "open"), ("…UUUU", "open")},
        {"…FFFF", "…AAAA"},
        estate.REPORT,
        {(None, "unknown"), ("…GGGG", "unknown")},
    ),
    Case(
        "root-access-key",
        "public_id",
        {("…HHHH", "open")},
        {"…AAAA"},
        f"{estate.REPORT},{estate.SUMMARY}",
        {(None, "unknown"), ("…HHHH", "unknown")},
    ),
    Case(
        "never-used-keys",
        "public_id",
        {("…EEEE", "open")},
        {"…DDDD", "…FFFF", "…CCCC"},
        estate.REPORT,
        {(None, "unknown")},
    ),
    Case(
        "unused-keys",
        "public_id",
        {("…CCCC", "open")},
        {"…EEEE", "…AAAA"},
        estate.REPORT,
        {(None, "unknown"), ("…CCCC", "unknown")},
    ),
    Case(
        "admin-capable",
        "name",
        {("deploy", "open")},
        {"old", "root"},
        estate.DETAILS,
        {(None, "unknown"), ("deploy", "unknown")},
    ),
    Case(
        "shared-across-tenants",
        "name",
        # one application in several clients: SHR-07 alone if a vendor's, both if nobody knows it
        {("managed", "open"), ("dispatch", "open"), ("mailer", "open")},
        {"ci", "monitoring", "suite"},
        estate.DETAILS,
        {(None, "unknown"), ("managed", "unknown")},
    ),
    Case(
        "shared-credential-material",
        "name",
        {("ci", "open")},
        {"managed", "deploy"},
        estate.DETAILS,
        {(None, "unknown"), ("ci", "unknown"), ("ci", "open")},
    ),
    Case(
        "vendor-without-record",
        "name",
        {("monitoring", "open"), ("mailer", "open"), ("suite", "open"), ("lodge", "open")},
        {"backup", "managed", "open", "former"},
        estate.DETAILS,
        {(None, "unknown"), ("monitoring", "unknown")},
    ),
    Case(
        "external-trust-without-external-id",
        "name",
        {("monitoring", "open")},
        {"backup", "managed", "open", "ci", "quiet", "lodge", "mailer"},
        estate.DETAILS,
        {(None, "unknown"), ("monitoring", "unknown")},
    ),
    Case(
        "public-trust",
        "name",
        {("open", "open")},
        {"monitoring", "ci"},
        estate.DETAILS,
        {(None, "unknown"), ("open", "unknown")},
    ),
    Case(
        "ownerless-privileged",
        "name",
        {("old", "open"), ("billing", "open")},
        {"idle", "deploy", "registration"},
        estate.DETAILS,
        {(None, "unknown"), ("old", "unknown"), ("billing", "unknown")},
    ),
    Case(
        "unused-consent",
        "name",
        {("old", "open"), ("quiet", "open")},
        {"deploy", "idle"},
        estate.REPORT,
        {(None, "unknown"), ("old", "unknown"), ("quiet", "open")},
    ),
    Case(
        "foreign-credentials",
        "public_id",
        {("…QQQQ", "open"), ("…PPPP", "open")},
        {"…OOOO", "…TTTT", "…AAAA"},
        estate.REPORT,
        {(None, "unknown"), ("…QQQQ", "unknown"), ("…PPPP", "unknown")},
    ),
    Case(
        "ex-partner-delegations",
        "name",
        {("lodge", "open"), ("former", "open")},
        {"backup", "managed", "monitoring", "mailer"},
        estate.DETAILS,
        {(None, "unknown"), ("lodge", "unknown"), ("former", "unknown")},
    ),
    Case(
        "dangling-grants",
        "principal",
        {("an-object-id", "open")},
        set(),
        estate.DETAILS,
        {(None, "unknown"), ("an-object-id", "unknown")},
    ),
    Case(
        "orphaned-workloads",
        "name",
        {("leftover", "open")},
        {"spare", "alive"},
        estate.DETAILS,
        {(None, "unknown"), ("leftover", "unknown")},
    ),
    Case(
        "human-use",
        "name",
        {("console", "open")},
        {"dana", "deploy"},
        estate.REPORT,
        {(None, "unknown"), ("console", "unknown")},
    ),
]


def labelled(rows: Rows, label: str) -> set[tuple[str | None, str]]:
    return {(row[label], row["verdict"]) for row in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_query_finds_what_fails_and_nothing_else(case: Case, stores: Stores) -> None:
    rows = asker(stores(frozenset()))(case.name)

    assert labelled(rows, case.label) == case.shows
    assert not case.never & {row[case.label] for row in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_query_says_unknown_where_its_source_was_denied(case: Case, stores: Stores) -> None:
    rows = asker(stores(frozenset(case.denied.split(","))))(case.name)

    assert case.without <= labelled(rows, case.label) | account_rows(rows, case)
    assert (None, "unknown") in account_rows(rows, case)
    for row in rows:
        if row["verdict"] == "unknown" and case.name != "usage-unknown":
            assert row["unread"], row


def account_rows(rows: Rows, case: Case) -> set[tuple[str | None, str]]:
    """Find the rows that stand for an account of which nothing can be said."""
    account = ORGANIZATION if case.denied.startswith("organizations") else ACME
    return {
        (None, row["verdict"])
        for row in rows
        if row["account_id"] == account and row.get("identity_id") is None and row["unread"]
        if row.get("credential_id") is None
    }


def test_every_query_is_asked_by_some_test() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parents[1].rglob("test_*.py"))

    asked = {name for name in library.load() if f'"{name}"' in tests}
    # the other areas hold queries of the matrix and of evidence too, which are tested beside those
    areas = {"credentials", "inventory", "privilege"}
    ours = {name for name, query in library.load().items() if query.area in areas}
    assert ours - asked == set()


def test_dormant_is_unknown_for_who_holds_a_credential_of_untraced_use(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    unit = estate.acme()
    unit.credential("old", "SSHK", "ssh_key", used=None, usage="unsupported", source="iam.ssh_keys")
    rows = asker(make(tmp_path, [unit]))("dormant")

    assert ("old", "unknown") in labelled(rows, "name")


def test_a_second_key_is_no_gap_during_a_rotation(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    unit = estate.acme()
    unit.credential("old", "NEWK", age=3)
    store = make(tmp_path, [unit])

    assert labelled(asker(store)("several-live-keys"), "holder") == {("deploy", "open")}
    shorter = asker(store)("several-live-keys", overlap_days="2")
    assert labelled(shorter, "holder") == {("deploy", "open"), ("old", "open")}


def test_either_read_tells_whether_root_has_keys(stores: Stores) -> None:
    rows = asker(stores(frozenset({estate.SUMMARY})))("root-access-key")

    assert labelled(rows, "public_id") == {("…HHHH", "open")}


def test_a_source_that_nothing_is_known_of_counts_for_every_conclusion(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    store = make(tmp_path, [estate.beta()], extra={"sts.identity"})
    ask = asker(store)

    for case in CASES:
        rows = [row for row in ask(case.name) if row["account_id"] == BETA]
        assert any(row["verdict"] == "unknown" for row in rows), case.name


def test_thresholds_come_from_the_policy(stores: Stores) -> None:
    rows = asker(stores(frozenset()))("unrotated", access_key_max_age="50")

    assert ("…BBBB", "open") in labelled(rows, "public_id")


def test_overviews(stores: Stores) -> None:
    ask = asker(stores(frozenset()))

    inventory = {row["name"] for row in ask("inventory", tenant="acme")}
    assert {"deploy", "AWSServiceRoleForX", "db"} <= inventory
    assert "dana" not in inventory
    assert [row["tenant_id"] for row in ask("by-tenant")] == ["acme", "beta", "northwind"]
    assert {row["verdict"] for row in ask("by-tenant")} == {"known"}
    owners = {(row["owner_id"], row["tenant_id"]): row for row in ask("owners")}
    assert owners["dana", "acme"]["admins"] == 1
    who: list[Any] = ask("who-can-act-as", identity="managed")
    assert [(row["relation"], row["principal_name"]) for row in who] == [("msp", "tool")]
    assert {(row["account_id"], row["state"]) for row in ask("coverage", state="not scanned")} == {
        ("aws:555500000005", "not scanned")
    }


@pytest.mark.parametrize("name", ["inventory", "by-tenant", "owners", "who-can-act-as", "coverage"])
def test_overviews_say_unknown_where_a_read_was_denied(name: str, stores: Stores) -> None:
    rows = asker(stores(frozenset({estate.DETAILS})))(name)

    doubtful = {row["tenant_id"] for row in rows if row["verdict"] == "unknown"}
    assert "acme" in doubtful
    assert "beta" not in doubtful
