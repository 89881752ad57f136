"""Puts into moto's replies the few fields that it leaves out of lists."""

import json
from datetime import datetime
from typing import Any

from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.estate.model import Account
from nhiscan_sandbox.http import Reply


def amend(asked: Asked, account: Account, reply: Reply, now: datetime) -> Reply:
    """Add to ListSecrets when each was read, to DescribeParameters who changed each.

    Fields that moto sends as null are dropped: AWS leaves them out.
    """
    if reply.status != 200 or asked.operation not in ("ListSecrets", "DescribeParameters"):
        return reply
    body = _without_nulls(json.loads(reply.body))
    if asked.operation == "ListSecrets":
        _accessed(body["SecretList"], account, asked.region, now)
    else:
        _modified_by(body["Parameters"], account, asked.region)
    return Reply(reply.status, reply.headers, json.dumps(body).encode())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value


def _accessed(rows: list[dict[str, Any]], account: Account, region: str, now: datetime) -> None:
    """AWS gives the day only, and leaves the field out for a secret never read."""
    days = {s.name: s.accessed for s in account.secrets if s.region == region}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    for row in rows:
        if (accessed := days.get(row["Name"])) is not None:
            row["LastAccessedDate"] = midnight - accessed * 86400


def _modified_by(rows: list[dict[str, Any]], account: Account, region: str) -> None:
    users = {p.name: p.modified_by for p in account.parameters if p.region == region}
    for row in rows:
        if user := users.get(row["Name"]):
            row["LastModifiedUser"] = user
        else:
            row.pop("LastModifiedUser", None)
