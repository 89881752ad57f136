"""Reads what an account says of itself: root keys, contacts, regions switched on."""

from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import MISSING, Fault

SUMMARY = "iam.account_summary"
CONTACTS = "account.contacts"
REGIONS = "ec2.regions"

_CONTACTS = ("SECURITY", "OPERATIONS")
_ON = frozenset({"opt-in-not-required", "opted-in"})


class Summary(Struct, frozen=True):
    """Whether the root user has access keys and MFA; null where the summary does not say."""

    root_keys: bool | None
    root_mfa: bool | None


class Contact(Struct, frozen=True):
    """An alternate contact; its telephone number is not kept."""

    kind: str
    email: str
    name: str | None


def read_summary(access: Access, reading: Reading) -> Summary:
    """Read the account summary."""
    numbers = access.call(reading, "iam", "GetAccountSummary")["SummaryMap"]
    return Summary(_some(numbers, "AccountAccessKeysPresent"), _some(numbers, "AccountMFAEnabled"))


def read_contacts(access: Access, reading: Reading) -> list[Contact]:
    """Read the security and operations contacts; that there is none is an answer."""
    found = []
    for kind in _CONTACTS:
        try:
            reply = access.call(
                reading, "account", "GetAlternateContact", AlternateContactType=kind
            )
        except Fault as fault:
            if fault.code in MISSING:
                continue
            raise
        raw = reply["AlternateContact"]
        if raw.get("EmailAddress"):
            found.append(Contact(kind, raw["EmailAddress"], raw.get("Name")))
    return found


def read_regions(access: Access, reading: Reading) -> list[str]:
    """List the regions that are switched on."""
    reply = access.call(reading, "ec2", "DescribeRegions")
    return sorted(
        one["RegionName"] for one in reply["Regions"] if one.get("OptInStatus", "opted-in") in _ON
    )


def _some(numbers: dict[str, Any], name: str) -> bool | None:
    return bool(int(numbers[name])) if name in numbers else None
