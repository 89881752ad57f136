"""Reads the credential report: passwords, two access keys and two certificates of each user."""

import csv
import io
from datetime import datetime
from time import sleep
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan.records import utc
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.moments import moment

SOURCE = "iam.credential_report"
ROOT = "<root_account>"

# GetCredentialReport and GenerateCredentialReport, "Errors" (IAM API reference)
_NOT_YET = frozenset({"ReportNotPresent", "ReportInProgress", "ReportExpired", "LimitExceeded"})


class Key(Struct, frozen=True, kw_only=True, gc=False):
    """One access key slot. `changed` is when the key was made, or last switched on or off."""

    slot: int
    active: bool
    changed: datetime | None
    used: datetime | None
    region: str | None
    service: str | None


class Certificate(Struct, frozen=True, gc=False):
    """One signing certificate slot."""

    slot: int
    active: bool
    changed: datetime | None


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """One user. `password` null: the report does not say. `password_used` null: never seen."""

    user: str
    arn: str
    created: datetime | None
    password: bool | None
    password_used: datetime | None
    password_changed: datetime | None
    mfa: bool | None
    keys: tuple[Key, ...]
    certificates: tuple[Certificate, ...]


class Report(Struct, frozen=True):
    """The rows by user name, and the time that they speak of, at most four hours ago."""

    generated: datetime | None
    rows: dict[str, Row]


def read_report(access: Access, reading: Reading) -> Report | None:
    """Have the report made, wait for it, read it; null if that failed, and the reading says why."""
    try:
        reply = _fetch(access, reading)
        content: bytes = reply["Content"]
        rows = parse_rows(content.decode("utf-8", "replace"))
    except Fault as fault:
        reading.failed(fault)
        return None
    return Report(moment(reply.get("GeneratedTime")), rows)


def _fetch(access: Access, reading: Reading) -> dict[str, Any]:
    for poll in range(access.patience.report_polls):
        if poll:
            sleep(access.patience.report_pause)
        try:
            made = access.call(reading, "iam", "GenerateCredentialReport")
            if made["State"] == "COMPLETE":
                return access.call(reading, "iam", "GetCredentialReport")
        except Fault as fault:
            if fault.code not in _NOT_YET:
                raise
    raise Fault(
        "unreachable", f"the report was not ready after {access.patience.report_polls} polls"
    )


def parse_rows(text: str) -> dict[str, Row]:
    """Read the rows by header name, whatever the order and number of columns."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not {"user", "arn", "access_key_1_active"} <= set(reader.fieldnames or ()):
        raise Fault("cut", "the credential report has no header that is known")
    rows = {}
    for cells in reader:
        if None in cells or None in cells.values():
            raise Fault("cut", "the credential report has a line that does not fit its header")
        rows[cells["user"]] = _row(cells)
    return rows


def _row(cells: dict[str, str]) -> Row:
    return Row(
        user=cells["user"],
        arn=cells["arn"],
        created=utc(cells.get("user_creation_time")),
        password=_truth(cells.get("password_enabled")),
        password_used=utc(cells.get("password_last_used")),
        password_changed=utc(cells.get("password_last_changed")),
        mfa=_truth(cells.get("mfa_active")),
        keys=tuple(key for slot in (1, 2) if (key := _key(cells, slot))),
        certificates=tuple(one for slot in (1, 2) if (one := _certificate(cells, slot))),
    )


def _key(cells: dict[str, str], slot: int) -> Key | None:
    prefix = f"access_key_{slot}_"
    active = _truth(cells.get(f"{prefix}active"))
    changed = utc(cells.get(f"{prefix}last_rotated"))
    if not active and changed is None:
        return None
    return Key(
        slot=slot,
        active=bool(active),
        changed=changed,
        used=utc(cells.get(f"{prefix}last_used_date")),
        region=_said(cells.get(f"{prefix}last_used_region")),
        service=_said(cells.get(f"{prefix}last_used_service")),
    )


def _certificate(cells: dict[str, str], slot: int) -> Certificate | None:
    active = _truth(cells.get(f"cert_{slot}_active"))
    changed = utc(cells.get(f"cert_{slot}_last_rotated"))
    return None if not active and changed is None else Certificate(slot, bool(active), changed)


def _truth(cell: str | None) -> bool | None:
    return {"true": True, "false": False}.get((cell or "").lower())


def _said(cell: str | None) -> str | None:
    return None if not cell or cell.lower() in ("n/a", "no_information", "not_supported") else cell
