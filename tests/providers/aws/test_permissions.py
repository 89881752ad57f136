"""The printed policy is what is called: no more, no less, and it is enough."""

import json
import re
from typing import Any

import pytest
import yaml

from nhiscan.errors import UsageError
from nhiscan_providers.aws import Aws, calls, policy

ACCOUNT = "910000000002"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as their plain values."""


_Loader.add_multi_constructor(
    "!",
    lambda loader, tag, node: (
        {tag: loader.construct_scalar(node)}
        if isinstance(node, yaml.ScalarNode)
        else {tag: loader.construct_sequence(node)}
    ),
)


def _grant(estate: Any, permissions: set[str]) -> None:
    statement = {"Effect": "Allow", "Action": sorted(permissions), "Resource": "*"}
    estate.sandbox.grant(ACCOUNT, "nhiscan", [statement])


def test_a_scan_passes_with_exactly_the_printed_policy(estate: Any) -> None:
    document = json.loads(Aws().permissions("policy"))
    (statement,) = document["Statement"]
    usual = estate.collect(ACCOUNT, regions=(), creators_pages=6)
    estate.sandbox.grant(ACCOUNT, "nhiscan", [statement])
    found = estate.collect(ACCOUNT, regions=(), creators_pages=6)
    assert {row.state for key, row in found.coverage.items() if key[0] != "iam.ssh_keys"} == {
        "complete"
    }
    assert _others(found) == _others(usual)


def _others(found: Any) -> list[Any]:
    """List the rows that are not about the scanner's own role, whose policy the test changes."""
    own = found.identity("nhiscan").key
    return [row for row in found.rows if own not in (_about(row, "key"), _about(row, "identity"))]


def _about(row: Any, field: str) -> Any:
    return getattr(row, field, None)


def test_each_permission_is_needed(estate: Any) -> None:
    needed = set(policy.permissions("account")) - {"sts:GetCallerIdentity"}
    for one in sorted(needed - {"cloudtrail:LookupEvents", "ec2:DescribeRegions"}):
        _grant(estate, set(policy.permissions("account")) - {one})
        found = estate.collect(ACCOUNT, patience="hasty")
        operation = next(row for row in calls.OPERATIONS if row.permission == one)
        states = {row.state for key, row in found.coverage.items() if key[0] == operation.source}
        assert states & {"denied", "partial"}, one
        assert one in str([row.reason for row in found.coverage.values()]), one


def test_forms_are_printed_from_the_table(estate: Any) -> None:
    payer = json.loads(Aws().permissions("payer"))["Statement"][0]["Action"]
    estate.plan("910000000001", organization=True)
    asked = {
        call.permission
        for call in estate.sandbox.log
        if call.permission.startswith("organizations")
    }
    assert asked <= set(payer)
    assert all(action.startswith("organizations:") for action in payer)
    scanner = json.loads(Aws().permissions("scanner"))["Statement"][0]
    assert scanner["Action"] == ["sts:AssumeRole"]


def test_the_stackset_asks_for_an_external_id_and_grants_the_same() -> None:
    text = Aws().permissions("stackset")
    template = yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader with CloudFormation's tags
    resources = template["Resources"]
    trust = resources["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert trust["Principal"] == {"AWS": {"Ref": "ScannerRoleArn"}}
    actions = {
        name: resources[name]["Properties"]["PolicyDocument"]["Statement"][0]["Action"]
        for name in ("Policy", "OrganizationPolicy")
    }
    assert actions["Policy"] == list(policy.permissions("account"))
    assert actions["OrganizationPolicy"] == list(policy.permissions("payer"))
    reasons = re.findall(r"^#   (\S+): (.+)$", text, re.MULTILINE)
    assert [action for action, _ in reasons] == actions["Policy"]


def test_every_operation_has_a_reason_and_a_source() -> None:
    assert all(one.why and one.source in calls.TITLES for one in calls.OPERATIONS)
    assert {one.source for one in calls.OPERATIONS} == set(calls.TITLES)
    reading = re.compile(r"(Get|List|Describe|Lookup|Generate|Assume)")
    assert all(reading.match(one.name) for one in calls.OPERATIONS)


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        Aws().permissions("terraform")
    assert "stackset" in (caught.value.hint or "")
