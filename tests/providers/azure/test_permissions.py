"""The scan passes with exactly what is printed, and fails visibly with anything less."""

import json
from collections.abc import Callable

import pytest

from nhiscan.errors import UsageError
from nhiscan.provider import Context
from nhiscan.records import leaves_incomplete
from nhiscan_providers.azure import Azure
from nhiscan_providers.azure.calls import OPERATIONS
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.policy import FORMS, actions, permissions, render
from nhiscan_providers.azure.titles import TITLES
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, APP, NORTHWIND, NOW, QUICK, Collected

Collect = Callable[..., Collected]


@pytest.fixture
def printed(sandbox: Sandbox) -> Sandbox:
    """The sample, with exactly what the adapter prints granted in Acme's directory."""
    sandbox.azure.consent(ACME, APP, *permissions())
    sandbox.azure.allow(ACME, APP, *actions())
    return sandbox


def test_the_printed_permissions_are_enough(printed: Sandbox, collect: Collect) -> None:
    assert collect().gaps() == {}
    assert not printed.log.writes()


def test_the_partners_own_directory_needs_one_more(sandbox: Sandbox, collect: Collect) -> None:
    sandbox.azure.consent(NORTHWIND, APP, *permissions(), *permissions("partner"))
    sandbox.azure.allow(NORTHWIND, APP, *actions())
    assert collect(NORTHWIND).gaps() == {}
    sandbox.azure.consent(NORTHWIND, APP, *permissions())
    assert collect(NORTHWIND).gaps() == {"graph.gdap": "denied"}


@pytest.mark.parametrize("missing", permissions())
def test_any_permission_less_is_told_and_leaves_the_scan_incomplete(
    printed: Sandbox, collect: Collect, missing: str
) -> None:
    printed.azure.consent(ACME, APP, *(set(permissions()) - {missing}))
    found = collect()
    gaps = found.gaps()
    told = {source for source in gaps if missing in (found.coverage[source].reason or "")}
    needing = {one.source for one in OPERATIONS if one.permission == missing}
    if missing == "Directory.Read.All":  # owners are listed without it, but not named
        needing |= {"graph.application_owners", "graph.service_principal_owners"}
    assert told
    assert told <= needing
    assert any(
        leaves_incomplete(found.coverage[source].state, optional=TITLES[source].optional)
        for source in gaps
    )


@pytest.mark.parametrize("missing", actions())
def test_any_action_less_in_azure_is_told(printed: Sandbox, collect: Collect, missing: str) -> None:
    printed.azure.allow(ACME, APP, *(set(actions()) - {missing}))
    found = collect()
    if missing == "Microsoft.Management/managementGroups/read":
        return  # asked only where no subscription is seen: see test_faults
    told = [one for one in found.gaps() if missing in (found.coverage[one].reason or "")]
    assert told, found.gaps()


def test_check_names_what_is_missing_and_how_to_grant_it(
    printed: Sandbox, directory_options: Callable[..., Options]
) -> None:
    context = Context(now=NOW, tenant_id="acme", progress=lambda text: None)

    def check() -> dict[str, tuple[str, tuple[str, ...], str | None]]:
        rows = list(Azure(QUICK).check(directory_options(), context))
        assert len({row.source for row in rows}) == len(rows)
        return {row.source: (row.state, row.missing, row.grant) for row in rows}

    assert {state for state, _, _ in check().values()} == {"complete"}
    printed.azure.consent(ACME, APP, *(set(permissions()) - {"AuditLog.Read.All"}))
    printed.azure.allow(ACME, APP, *(set(actions()) - {"Microsoft.ManagedServices/*/read"}))
    found = check()
    grant = "nhiscan permissions azure --form consent"
    assert found["graph.audit"] == ("denied", ("AuditLog.Read.All",), grant)
    assert found["graph.applications"][0] == "complete"
    state, missing, how = found["arm.delegations"]
    assert state == "denied"
    assert missing[0].startswith("Microsoft.ManagedServices/*/read")
    assert how == "nhiscan permissions azure --form role"


def test_the_forms_are_what_the_table_says(printed: Sandbox) -> None:
    manifest = json.loads(render("manifest"))
    [graph] = manifest["requiredResourceAccess"]
    assert [one["value"] for one in graph["resourceAccess"]] == list(permissions())
    assert all(one["type"] == "Role" for one in graph["resourceAccess"])
    assert len(permissions()) <= 8
    assert not [one for one in permissions() if "Write" in one]
    role = json.loads(render("role"))
    assert role["Actions"] == list(actions())
    assert not [one for one in role["Actions"] if not one.endswith("read")]
    steps = render("consent")
    assert all(name in steps for name in (*permissions(), *permissions("partner")))
    assert FORMS[0] == "manifest"
    with pytest.raises(UsageError, match="nonsense"):
        render("nonsense")
