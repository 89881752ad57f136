"""Which regions an account has switched on, and how a region that is off answers."""

from typing import Any

from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.estate.model import Account

# AWS General Reference, "Enable or disable AWS Regions": these cannot be switched off.
DEFAULT_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
OPT_IN_REGIONS = ("af-south-1", "ap-east-1", "eu-south-1", "il-central-1", "me-south-1")
# Their one endpoint serves the whole partition.
GLOBAL_SERVICES = {"iam", "sts", "organizations", "account"}


def describe(asked: Asked, account: Account) -> dict[str, Any]:
    """Answer DescribeRegions: those that are on, or with AllRegions every one."""
    everything = asked.text("AllRegions") == "true"
    rows = [(name, "opt-in-not-required") for name in DEFAULT_REGIONS]
    rows += [
        (name, "opted-in" if name in account.opted_in else "not-opted-in")
        for name in OPT_IN_REGIONS
        if everything or name in account.opted_in
    ]
    return {
        "Regions": [
            {
                "RegionName": name,
                "Endpoint": f"ec2.{name}.amazonaws.com",
                "OptInStatus": status,
            }
            for name, status in sorted(rows)
        ]
    }


def require_on(asked: Asked, account: Account) -> None:
    """Refuse calls to a region that the account has not switched on."""
    if asked.service in GLOBAL_SERVICES or asked.region in DEFAULT_REGIONS:
        return
    if asked.region not in account.opted_in:
        raise off(asked.service)


def off(service: str) -> Refusal:
    """Make the refusal of a region that is off: it reads like a wrong key."""
    message = "The security token included in the request is invalid."
    if service == "ec2":
        return Refusal(401, "AuthFailure", "AWS was not able to validate the provided credentials")
    if service in ("iam", "sts"):
        return Refusal(403, "InvalidClientTokenId", message)
    return Refusal(400, "UnrecognizedClientException", message)
