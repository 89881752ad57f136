"""`check` tries every permission with the cheapest call and names what is missing."""

from typing import Any

from nhiscan.provider import Check
from nhiscan_providers.aws import policy

ACCOUNT = "910000000002"


def _check(estate: Any, account: str = ACCOUNT, **given: Any) -> list[Check]:
    options = estate.options(account, **given)
    return list(estate.adapter.check(options, estate.context()))


def test_all_is_well_where_all_is_granted(estate: Any) -> None:
    found = _check(estate, regions=(), creators_pages=1)
    assert [row for row in found if row.state != "complete"] == []
    asked = estate.sandbox.log.permissions() - {"sts:AssumeRole"}
    assert asked == set(policy.permissions("account"))
    assert estate.sandbox.log.writes() == []


def test_what_is_missing_is_named_with_its_remedy(estate: Any) -> None:
    without = {"iam:GetSAMLProvider", "ssm:DescribeParameters"}
    granted = sorted(set(policy.permissions("account")) - without)
    estate.sandbox.grant(
        ACCOUNT, "nhiscan", [{"Effect": "Allow", "Action": granted, "Resource": "*"}]
    )
    found = {row.source: row for row in _check(estate) if row.state != "complete"}
    assert {name: row.missing for name, row in found.items()} == {
        "iam.saml_providers": ("iam:GetSAMLProvider",),
        "ssm.parameters": ("ssm:DescribeParameters",),
    }
    assert found["ssm.parameters"].region == "us-east-1"
    assert found["ssm.parameters"].grant == "nhiscan permissions aws --form policy"


def test_a_role_that_refuses_is_one_row(estate: Any) -> None:
    (row,) = _check(estate, external_id="wrong-and-long-enough")
    assert (row.source, row.state, row.missing) == ("sts.identity", "denied", ("sts:AssumeRole",))


def test_the_organization_is_checked_too(estate: Any) -> None:
    found = _check(estate, "910000000001", organization=True)
    accounts = {row.account for row in found}
    assert accounts == {"o-acme000001", "910000000001", "910000000002"}
