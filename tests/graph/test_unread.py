"""What was not read is never told as "reaches nobody": reach_tenants is null, with the reasons."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nhiscan.records import Grant
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.conftest import Project
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import may_assume
from tests.graph.test_relations import of_account, of_role, role
from tests.ownership.estate import ACCOUNTS, AT, Estate

DENIED: Any = {"iam.authorization_details": "denied"}
WHOLE: Any = {"iam.authorization_details": "complete"}


def quiet(name: str, tenant: str) -> Any:
    """A role whose rights were read whole."""
    return role(name, tenant, privilege="none")


def reach(estate: Estate, tenant: str, name: str) -> tuple[int | None, list[str]]:
    one = estate.one(tenant, name)
    return one["reach_tenants"], one["reach_unread"]


def dark(estate: Estate, tenant: str, *before: Any) -> None:
    """Scan a tenant's account once whole, and once refused."""
    estate.scan({tenant: before}, unread=WHOLE)
    estate.scan({tenant: []}, at=AT + timedelta(days=1), unread=DENIED)


def assuming(name: str, pattern: str, verdict: Any = "scoped") -> Grant:
    """As the adapter tells it: with the account that the pattern names, if it is another one."""
    account = pattern.split(":")[4] if pattern.count(":") > 4 else ""
    foreign = account.isdigit() and account != ACCOUNTS["northwind"]
    grant = may_assume(name, pattern, verdict)
    fields = {field: getattr(grant, field) for field in grant.__struct_fields__}
    return Grant(**fields | {"scope_account": account if foreign else None})


def test_where_all_was_read_none_means_none(estate: Estate) -> None:
    estate.scan({"northwind": [quiet("bot", "northwind"), assuming("bot", "*")], "acme": []})
    assert reach(estate, "northwind", "bot") == (0, [])


@pytest.mark.parametrize(
    ("pattern", "could"),
    [
        ("*", True),
        ("arn:aws:iam::*:role/x", True),
        (f"arn:aws:iam::{ACCOUNTS['acme']}:role/x", True),
        (f"arn:aws:iam::{ACCOUNTS['beta']}:role/x", False),
        (f"arn:aws:iam::{ACCOUNTS['northwind']}:role/*", False),
    ],
)
def test_who_may_act_in_a_tenant_whose_trusts_were_not_read(
    estate: Estate, pattern: str, could: bool
) -> None:
    records = [quiet("bot", "northwind"), assuming("bot", pattern), quiet("poor", "northwind")]
    records += [quiet("before", "northwind"), assuming("before", "*", "denied")]
    estate.scan({"northwind": records, "beta": []})
    dark(estate, "acme")
    count, unread = reach(estate, "northwind", "bot")
    assert (count is None) == could
    assert bool(unread) == could
    assert reach(estate, "northwind", "poor") == (0, [])
    assert reach(estate, "northwind", "before") == (0, [])
    if could:
        assert unread[0].startswith("acme: aws:111122223333 iam.authorization_details (global)")


def test_who_can_become_such_a_one_is_unknown_too(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [
                quiet("bot", "northwind"),
                assuming("bot", "arn:aws:iam::*:role/x"),
                quiet("far", "northwind"),
                of_role("bot", "northwind", "far"),
            ]
        }
    )
    dark(estate, "acme")
    assert reach(estate, "northwind", "far")[0] is None


def test_what_is_known_to_be_reached_stays_counted(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [quiet("bot", "northwind"), assuming("bot", "*")],
            "beta": [quiet("b", "beta"), of_role("b", "northwind", "bot")],
        }
    )
    dark(estate, "acme")
    count, unread = reach(estate, "northwind", "bot")
    assert count == 1
    assert [line.partition(":")[0] for line in unread] == ["acme"]


def test_the_own_client_and_its_other_tenants_do_not_count(estate: Estate) -> None:
    estate.scan({"acme-labs": [quiet("lab", "acme-labs"), assuming("lab", "*")]})
    dark(estate, "acme")
    assert reach(estate, "acme-labs", "lab") == (0, [])


def test_whose_own_rights_were_not_read_could_use_any_door_that_lets_in_its_account(
    estate: Estate,
) -> None:
    estate.scan({"beta": [quiet("b", "beta"), of_account("b", ACCOUNTS["acme"])], "gamma": []})
    dark(estate, "acme", quiet("a", "acme"))
    count, unread = reach(estate, "acme", "a")
    assert count is None
    assert unread == ["beta: lets in an account, and rights of one there were not read or judged"
                      " whole"]  # fmt: skip


def test_inside_a_tenant_that_was_not_read_one_may_become_who_reaches_others(
    estate: Estate,
) -> None:
    estate.scan({"beta": [quiet("b", "beta"), of_role("b", "acme", "a")]})
    dark(estate, "acme", quiet("a", "acme"), assuming("a", "*"), quiet("idle", "acme"))
    assert reach(estate, "acme", "a")[0] == 1
    assert reach(estate, "acme", "idle")[0] is None


def test_a_policy_that_could_not_be_judged_leaves_it_unknown(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [quiet("a", "acme"), assuming("a", "*", "unknown"), quiet("idle", "acme")],
            "beta": [quiet("b", "beta"), of_account("b", ACCOUNTS["acme"])],
        }
    )
    assert reach(estate, "acme", "a")[0] is None
    assert reach(estate, "acme", "idle")[0] == 0


def test_explain_does_not_say_none_of_what_was_not_read(estate: Estate) -> None:
    estate.scan({"northwind": [quiet("bot", "northwind"), assuming("bot", "*")]})
    dark(estate, "acme")
    page = nhiscan(estate, "explain", "bot").stdout
    section = page[page.index("Other tenants it reaches") :].splitlines()
    assert section[1] == "  none known: not everything was read"
    assert section[2].startswith("  not whole    acme: aws:111122223333 iam.authorization_details")


def test_one_tenants_refusal_leaves_the_reach_of_others_unknown(
    sandbox: Sandbox, project: Project
) -> None:
    sandbox.faults.set(
        [Fault(kind="denied", operation="GetAccountAuthorizationDetails", account="940000000001")]
    )
    assert project.run("scan").returncode == 3
    asked = "SELECT name, reach_tenants AS count, reach_unread AS why FROM identities"
    asked += " WHERE name IN ('nils.berg', 'label-printer', 'nhiscan-scanner')"
    rows = json.loads(project.run("sql", asked, "--format", "json").stdout)
    told = {row["name"]: row for row in rows}
    assert told["nils.berg"]["count"] is None  # may act as any role, so as one of Juniper's
    assert told["nils.berg"]["why"][0].startswith("juniper: aws:940000000001")
    assert told["label-printer"] == {"name": "label-printer", "count": 0, "why": []}
    assert told["nhiscan-scanner"]["count"] > 0
    assert told["nhiscan-scanner"]["why"] == told["nils.berg"]["why"]
    page = project.run("explain", "nils.berg").stdout
    section = page[page.index("Other tenants it reaches") :].splitlines()
    assert section[1] == "  none known: not everything was read"
    blast = project.run("blast", "nils.berg")
    assert "may reach juniper: aws:940000000001" in blast.stderr
