"""One identity for several workloads, and for several environments, case by case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import Account
from nhiscan.store.revision import Revision
from tests.queries import estate
from tests.queries.conclusions import relation
from tests.queries.conftest import Rows, asker
from tests.queries.test_borders import acme, verdicts

Make = Callable[..., Path]
GITHUB = "https://token.actions.githubusercontent.com"
OTHER = "111122224444"


def shared(tmp_path: Path, make: Make, *units: estate.Unit) -> Rows:
    return asker(make(tmp_path, list(units)))("shared-by-workloads")


def named(unit: estate.Unit, name: str, *subjects: str, **fields: Any) -> None:
    unit.identity(name, "role", **fields)
    for number, subject in enumerate(subjects):
        unit.trust(name, subject, "oidc", verdict="guarded", statement=number)


def test_two_repositories_are_two_workloads_and_two_branches_are_one(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    named(unit, "two", f"{GITHUB} repo:a/x:ref:refs/heads/main", f"{GITHUB} repo:a/y:*")
    named(unit, "listed", f"{GITHUB} repo:a/x:ref:refs/heads/main, repo:a/y:ref:refs/heads/main")
    named(unit, "branches", f"{GITHUB} repo:a/x:ref:refs/heads/main", f"{GITHUB} repo:A/X:*")
    named(unit, "pattern", f"{GITHUB} repo:a/x:*", f"{GITHUB} repo:a/*")
    named(unit, "issuer", f"{GITHUB} repo:a/x:*", GITHUB)
    named(
        unit,
        "pods",
        "oidc.acme.example/c1|system:serviceaccount:apps:web",
        "oidc.acme.example/c1|system:serviceaccount:apps:jobs",
    )

    rows = shared(tmp_path, make, unit)

    assert verdicts(rows) == {"two": "open", "listed": "open", "pods": "open"}
    assert {row["workloads"] for row in rows} == {2}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"used": 30}, True),
        ({"used": 31}, False),
        ({"used": None, "usage": "never"}, False),
        ({"used": None, "usage": "unknown"}, True),
    ],
)
def test_what_nothing_used_lately_is_shared_by_nobody(
    fields: dict[str, Any], found: bool, tmp_path: Path, make: Make
) -> None:
    unit = acme()
    named(unit, "ci", f"{GITHUB} repo:a/x:*", f"{GITHUB} repo:a/y:*", **fields)

    assert verdicts(shared(tmp_path, make, unit)) == ({"ci": "open"} if found else {})


def test_agents_that_act_as_one_account_share_it(tmp_path: Path, make: Make) -> None:
    unit = acme()
    for name in ("loader", "own"):
        unit.identity(name, "role")
    for agent, account in (("writer", "loader"), ("reader", "loader"), ("single", "own")):
        acts = {"acts_as": f"arn:aws:iam::{estate.ACME}:role/{account}"}
        unit.identity(agent, "app", class_="ai_agent", attributes=acts)
    unit.records = [
        one if getattr(one, "key", "") not in ("writer", "reader", "single") else agent_of(one)
        for one in unit.records
    ]

    rows = shared(tmp_path, make, unit)

    assert verdicts(rows) == {"loader": "open"}
    assert rows[0]["used_by"] == ["agent reader", "agent writer"]


def agent_of(record: Any) -> Any:
    import msgspec

    known = "kind" in getattr(record, "__struct_fields__", ())
    return msgspec.structs.replace(record, kind="ai_agent") if known else record


def test_one_certificate_of_two_identities_is_a_copy(tmp_path: Path, make: Make) -> None:
    unit, beta = acme(), estate.Unit(tenant="beta", account=estate.BETA)
    for name in ("first", "second", "whole"):
        unit.identity(name, "app")
    unit.identity("part", "app", part_of="whole")
    beta.identity("abroad", "app")
    for name in ("first", "second"):
        unit.credential(name, name, "certificate", fingerprint="aa" * 32)
    for name in ("whole", "part"):
        unit.credential(name, name, "certificate", fingerprint="bb" * 32)
    # another client's copy is SHR-05, and one workload may enter several identities
    unit.credential("whole", "w2", "certificate", fingerprint="cc" * 32)
    beta.credential("abroad", "a", "certificate", fingerprint="cc" * 32)
    for name in ("first", "whole"):
        unit.credential(name, f"{name}-trust", "federated_trust", fingerprint="dd" * 32)

    rows = shared(tmp_path, make, unit, beta)

    assert verdicts(rows) == {"first": "open", "second": "open"}
    assert rows[0]["used_by"] == [
        "first, by the same certificate",
        "second, by the same certificate",
    ]


def place(unit: estate.Unit, environment: str | None, **tags: str) -> estate.Unit:
    """Say of the unit's own account what environment it is."""
    unit.records.append(
        Account(native_id=unit.account, environment=environment, tags=tags, source="sts.identity")
    )
    return unit


def crossing(tmp_path: Path, make: Make, here: estate.Unit, there: estate.Unit) -> Rows:
    return asker(make(tmp_path, [here, there]))("across-environments")


def deployers(here: estate.Unit, there: estate.Unit, **fields: Any) -> None:
    """Give both accounts a role that one and the same workload enters."""
    for unit in (here, there):
        unit.identity("ci", "role", **fields)
        unit.credential(
            "ci", "trust", "federated_trust", age=None, fingerprint="ee" * 32, source=estate.DETAILS
        )


@pytest.mark.parametrize(
    ("one", "other", "crosses"),
    [
        ("prod", "test", True),
        ("Production", "pre-production", True),
        ("prod-eu", "dev", True),
        ("live", "nonprod", True),
        ("prod", "prod", False),
        ("production", "prod", False),
        ("dev", "test", False),
        # nobody said what these are for
        ("prod", None, False),
        ("prod", "shared", False),
        ("productivity", "test", False),
    ],
)
def test_production_and_what_is_not(
    one: str, other: str | None, crosses: bool, tmp_path: Path, make: Make
) -> None:
    here = place(acme(), one)
    there = place(estate.Unit(tenant="acme", account=OTHER), other)
    deployers(here, there)

    rows = crossing(tmp_path, make, here, there)

    assert [row["name"] for row in rows] == (["ci", "ci"] if crosses else [])


def test_a_tag_of_the_account_tells_its_environment(tmp_path: Path, make: Make) -> None:
    here = place(acme(), None, Environment="Production")
    there = place(estate.Unit(tenant="acme", account=OTHER), None, stage="test")
    deployers(here, there)

    rows = crossing(tmp_path, make, here, there)

    assert [row["environments"] for row in rows] == [["production", "test"]] * 2


@pytest.mark.parametrize(
    ("tag", "owner", "crosses"),
    [
        ("prod+test", "declared", False),
        ("ALL", "attested", False),
        ("prod", "declared", True),
        ("prod+test", "suggested", True),
        ("prod+test", "unowned", True),
    ],
)
def test_who_crosses_on_purpose_is_tagged_and_owned(
    tag: str, owner: str, crosses: bool, tmp_path: Path, make: Make
) -> None:
    here = place(acme(), "prod")
    there = place(estate.Unit(tenant="acme", account=OTHER), "test")
    deployers(here, there, tags={"environments": tag}, owner=owner)

    assert bool(crossing(tmp_path, make, here, there)) is crosses


def test_a_principal_that_other_environments_let_in(tmp_path: Path, make: Make) -> None:
    here = place(acme(), "test")
    there = place(estate.Unit(tenant="acme", account=OTHER), "prod")
    here.identity("runner", "role")
    there.identity("target", "role")
    arn = f"arn:aws:iam::{estate.ACME}:role/runner"
    there.trust(
        "target", arn, "role", verdict="guarded", principal_native_id=arn,
        principal_account=estate.ACME,
    )  # fmt: skip
    # the other side's own: nothing of it lies in both
    there.identity("plain", "role")

    def also(revision: Revision) -> dict[str, Rows]:
        runner = estate.identity_id("acme", estate.ACME, "runner")
        known: dict[str, Any] = {"principal_identity_id": runner, "unit": ("acme", OTHER)}
        return {"trust_relation": [relation(revision, "target", "same_client", **known)]}

    rows = asker(make(tmp_path, [here, there], also=also))("across-environments")

    assert verdicts(rows) == {"runner": "open"}
    assert rows[0]["ways"] == ["it may act as target (prod)", "runner (test)"]


def test_two_clients_are_no_two_environments(tmp_path: Path, make: Make) -> None:
    here = place(acme(), "prod")
    there = place(estate.Unit(tenant="beta", account=estate.BETA), "test")
    deployers(here, there)

    assert crossing(tmp_path, make, here, there) == []


def test_the_environment_is_unknown_where_trusts_were_not_read(tmp_path: Path, make: Make) -> None:
    here = place(acme(), "prod")
    rows = asker(make(tmp_path, [here], {estate.DETAILS}))("across-environments")

    assert {row["verdict"] for row in rows} == {"unknown"}
    assert all(row["unread"] for row in rows)


def one_client(revision: Revision) -> dict[str, Rows]:
    """Say that acme and beta are tenants of one client."""
    rows = [
        {"tenant_id": tenant, "name": tenant, "kind": "client", "client_group": "acme"}
        for tenant in ("acme", "beta")
    ]
    return {"tenant": rows}


def test_tenants_of_one_group_are_one_client(tmp_path: Path, make: Make) -> None:
    here = place(acme(), "prod")
    there = place(estate.Unit(tenant="beta", account=estate.BETA), "test")
    deployers(here, there)
    for unit, name in ((here, "first"), (there, "second")):
        unit.identity(name, "app")
        unit.credential(name, name, "certificate", fingerprint="aa" * 32)

    ask = asker(make(tmp_path, [here, there], also=one_client))

    assert verdicts(ask("shared-by-workloads")) == {"first": "open", "second": "open"}
    assert verdicts(ask("across-environments")) == {
        "ci": "open",
        "first": "open",
        "second": "open",
    }


def test_what_the_platform_or_people_run_is_nobodys_to_split(tmp_path: Path, make: Make) -> None:
    here = place(acme(), "prod")
    there = place(estate.Unit(tenant="acme", account=OTHER), "test")
    classes: tuple[Any, ...] = ("platform", "human")
    for class_ in classes:
        subjects = (f"{GITHUB} repo:a/x:*", f"{GITHUB} repo:a/y:*")
        named(here, class_, *subjects, class_=class_)
        there.identity(class_, "role", class_=class_)
        for unit in (here, there):
            unit.credential(
                class_, "trust", "federated_trust", age=None, fingerprint=f"{class_:x<64}",
                source=estate.DETAILS,
            )  # fmt: skip
            unit.credential(class_, "key", "client_secret", age=1, expires_at=estate.ago(-999))

    ask = asker(make(tmp_path, [here, there]))

    assert ask("shared-by-workloads") == []
    assert ask("across-environments") == []
    for name in ("long-lived", "secret-beside-federation"):
        assert {row["holder"] for row in ask(name)} <= {"human"}, name
