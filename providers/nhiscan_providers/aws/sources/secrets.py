"""Reads secrets and encrypted parameters by name, never their values."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.lists import Listing, read_pages
from nhiscan_providers.aws.moments import moment
from nhiscan_providers.aws.sources.authorization import tags

SECRETS = "secretsmanager.secrets"
PARAMETERS = "ssm.parameters"


class Stored(Struct, frozen=True, kw_only=True, gc=False):
    """A stored secret; `changed` is when its value was last set, as far as is known.

    `accessed` is the day it was last read; null: never read in this region, or (parameters) not
    known. `writer` is the ARN of who last wrote it.
    """

    arn: str
    name: str
    created: datetime | None
    changed: datetime | None
    accessed: datetime | None = None
    rotation: bool | None = None
    rotation_days: int | None = None
    managed_by: str | None = None
    writer: str | None = None
    primary_region: str | None = None
    tags: dict[str, str] = {}


def read_secrets(access: Access, reading: Reading) -> list[Stored]:
    """List the secrets of one region; those planned for deletion are left out, as AWS does."""
    found: dict[str, Stored] = {}

    def take(page: dict[str, Any]) -> None:
        for raw in page["SecretList"]:
            found[raw["ARN"]] = _secret(raw)

    listing = Listing(
        service="secretsmanager",
        name="ListSecrets",
        region=reading.region,
        params={"MaxResults": 100},
    )
    read_pages(access, reading, listing, take, found.clear)
    return list(found.values())


def read_parameters(access: Access, reading: Reading) -> list[Stored]:
    """List the SecureString parameters of one region."""
    found: dict[str, Stored] = {}
    prefix = f"arn:{access.partition}:ssm:{reading.region}:{access.account}:parameter/"

    def take(page: dict[str, Any]) -> None:
        for raw in page["Parameters"]:
            one = _parameter(raw, prefix)
            found[one.arn] = one

    listing = Listing(
        service="ssm",
        name="DescribeParameters",
        region=reading.region,
        params={
            "MaxResults": 50,
            "ParameterFilters": [{"Key": "Type", "Option": "Equals", "Values": ["SecureString"]}],
        },
    )
    read_pages(access, reading, listing, take, found.clear)
    return list(found.values())


def _secret(raw: dict[str, Any]) -> Stored:
    created = moment(raw.get("CreatedDate"))
    rules = raw.get("RotationRules") or {}
    days = rules.get("AutomaticallyAfterDays")
    return Stored(
        arn=raw["ARN"],
        name=raw.get("Name", raw["ARN"]),
        created=created,
        # a change of the description moves LastChangedDate, a rotation moves both
        changed=moment(raw.get("LastRotatedDate") or raw.get("LastChangedDate")) or created,
        accessed=moment(raw.get("LastAccessedDate")),
        rotation=bool(raw.get("RotationEnabled", False)),
        rotation_days=days if isinstance(days, int) else None,
        managed_by=raw.get("OwningService"),
        primary_region=raw.get("PrimaryRegion"),
        tags=tags(raw.get("Tags")),
    )


def _parameter(raw: dict[str, Any], prefix: str) -> Stored:
    name = raw["Name"]
    changed = moment(raw.get("LastModifiedDate"))
    return Stored(
        arn=raw.get("ARN") or prefix + name.lstrip("/"),
        name=name,
        created=None,
        changed=changed,
        writer=raw.get("LastModifiedUser"),
    )
