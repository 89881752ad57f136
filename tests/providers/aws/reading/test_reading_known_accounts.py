"""The public list of vendors' accounts, carried over whole and without contradictions."""

import json
import re
from importlib.resources import files

from nhiscan_providers.aws.reading.known_accounts import aws_owned, known, services


def test_the_list_is_whole() -> None:
    assert len(known()) == 263
    assert len(aws_owned()) == 168
    listed = json.loads(
        files("nhiscan_providers.aws.reading").joinpath("known_accounts.json").read_text("utf-8")
    )
    assert len(listed["entries"]) == 208
    assert listed["licence"] == "Apache-2.0"
    assert listed["source"].startswith("https://github.com/fwdcloudsec/known_aws_accounts")
    ids = [account for _, _, accounts in listed["entries"] for account in accounts]
    assert len(ids) == len(set(ids)) == len(known()) + len(aws_owned())
    assert all(re.fullmatch(r"\d{12}", account) for account in ids)
    assert {kind for _, kind, _ in listed["entries"]} == {"aws", "vendor"}


def test_vendors_and_aws_are_apart() -> None:
    assert known()["464622532012"] == "Datadog"
    assert known()["017663287629"] == "New Relic"  # leading zeros stay
    assert "127311923021" in aws_owned()
    assert services()["127311923021"] == "ELB logs"
    assert not known().keys() & aws_owned()
    assert services().keys() == aws_owned()
