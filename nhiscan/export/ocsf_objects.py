"""Objects that events of every OCSF class share: metadata, cloud, account, user, resource."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nhiscan import __version__

# Valid from 1.6.0, which brought class 2008; attributes deprecated by 1.8.0 are not used.
VERSION = "1.8.0"
SEVERITIES = {
    "info": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
_PROVIDERS = {"aws": "AWS", "azure": "Azure", "gcp": "GCP", "github": "GitHub"}

Row = Mapping[str, Any]
Event = dict[str, Any]


def head(class_uid: int, class_name: str, activity: tuple[int, str]) -> Event:
    """Say what an event is: ids by the arithmetic of the schema, and their captions."""
    category = class_uid // 1000
    return {
        "activity_id": activity[0],
        "activity_name": activity[1],
        "category_uid": category,
        "category_name": {2: "Findings", 5: "Discovery"}[category],
        "class_uid": class_uid,
        "class_name": class_name,
        "type_uid": class_uid * 100 + activity[0],
        "type_name": f"{class_name}: {activity[1]}",
    }


def metadata(row: Row, uid: str, *profiles: str) -> Event:
    """Say who tells it, by which version of the schema, of which client."""
    used = [*profiles, *(["cloud"] if row["provider"] else [])]
    made: Event = {
        "version": VERSION,
        "product": {"name": "nhiscan", "vendor_name": "nhiscan", "version": __version__},
        "tenant_uid": row["tenant_id"],
        "uid": uid,
    }
    return made | ({"profiles": sorted(used)} if used else {})


def cloud(row: Row) -> Event:
    """Say where it is; nothing for what lies in no account."""
    if not row["provider"]:
        return {}
    organization = row["organization"]
    return {
        "cloud": filled(
            provider=_PROVIDERS.get(row["provider"], row["provider"]),
            account=account(row),
            org={"uid": organization} if organization else None,
            region=region(row),
        )
    }


def region(row: Row) -> str | None:
    """Return the region of the subject, if it has one."""
    where = row["region"]
    return None if where in (None, "", "global") else str(where)


def account(row: Row) -> Event | None:
    """Describe the account; types are those of OCSF, which has none for a GCP organization."""
    native = row["account"]
    if not native:
        return None
    is_top = native == row["organization"]
    kinds = {
        "aws": (10, "AWS Account"),
        "azure": (17, "M365 Tenant") if is_top else (13, "Azure Subscription"),
        "gcp": (99, "GCP Organization") if is_top else (11, "GCP Project"),
    }
    type_id, caption = kinds.get(row["provider"], (99, f"{row['provider']} account"))
    return filled(uid=native, name=row["account_name"], type_id=type_id, type=caption)


def user(row: Row) -> Event:
    """Describe an identity as a user; whether it is a person is said only where it is known."""
    kinds = {
        "machine": (4, "Service"),
        "ai_agent": (4, "Service"),
        "platform": (3, "System"),
        "human": (1, "User"),
    }
    type_id, caption = kinds.get(row["class"], (0, "Unknown"))
    if row["kind"] == "root":
        type_id, caption = 2, "Admin"
    keys = row["keys"] or []
    return filled(
        uid=row["identity"] or row["identity_id"],
        uid_alt=row["immutable_id"],
        name=row["name"] or row["identity"],
        type_id=type_id,
        type=caption,
        account=account(row),
        programmatic_credentials=[
            filled(uid=key["uid"], type=key["type"], last_used_time=ms(key["last_used_time"]))
            for key in keys
        ],
    )


def party(row: Row) -> Event | None:
    """Describe who answers for it as a user; null if nobody is known."""
    if row["owner_id"] is None:
        return None
    is_person = row["owner_kind"] == "person"
    return filled(
        uid=row["owner_id"],
        name=row["owner_name"],
        email_addr=row["owner_email"],
        type_id=1 if is_person else 99,
        type="User" if is_person else row["owner_kind"] or "Other",
    )


def ms(moment: datetime | None) -> int | None:
    """Return a time as OCSF has it: milliseconds since 1970."""
    return None if moment is None else int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601, for what OCSF has no attribute for."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def filled(**attributes: Any) -> Event:
    """Leave out what is unknown or empty: in OCSF an absent attribute says just that."""
    return {key: value for key, value in attributes.items() if value not in (None, "", [], {})}
