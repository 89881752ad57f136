"""ListSecrets and DescribeParameters: moto's data with AWS's paging, and what moto leaves out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from nhiscan_sandbox.aws import pages
from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.moto import models
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.estate.model import Account


def list_secrets(asked: Asked, account: Account, now: datetime) -> dict[str, Any]:
    """Answer ListSecrets, a hundred a page. A secret never read has no LastAccessedDate."""
    backend = models("secretsmanager").secretsmanager_backends[account.id][asked.region]
    days = {s.name: s.accessed for s in account.secrets if s.region == asked.region}
    # moto cuts the list itself; asked for all of it, it leaves that to us.
    found, _ = backend.list_secrets(asked.list("Filters"), max(1, len(backend.secrets)))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)  # AWS gives the day only
    rows = []
    for row in found:
        accessed = days.get(row["Name"])
        day = None if accessed is None else midnight - timedelta(days=accessed)
        rows.append(row | {"LastAccessedDate": day})
    return _page(asked, "SecretList", rows, (100, 100), account.id)


def describe_parameters(asked: Asked, account: Account) -> dict[str, Any]:
    """Answer DescribeParameters, ten a page unless fifty at most are asked for."""
    backend = models("ssm").ssm_backends[account.id][asked.region]
    users = {p.name: p.modified_by for p in account.parameters if p.region == asked.region}
    found = backend.describe_parameters(asked.list("Filters"), asked.list("ParameterFilters"))
    rows = []
    for parameter in found:
        row = parameter.describe_response_object(decrypt=False)
        rows.append(row | {"LastModifiedUser": users.get(parameter.name)})
    return _page(asked, "Parameters", rows, (10, 50), account.id)


def bad_marker(service: str) -> Refusal:
    """Make the refusal of a token that expired or was never given out."""
    code = "InvalidNextToken" if service == "ssm" else "InvalidNextTokenException"
    return Refusal(400, code, "Invalid NextToken.")


def _page(
    asked: Asked, key: str, rows: Sequence[Any], sizes: tuple[int, int], account: str
) -> dict[str, Any]:
    usual, most = sizes
    size = min(int(asked.params.get("MaxResults") or usual), most)
    of = f"{key} {account} {asked.region}"
    start = pages.offset(asked.marker, of, bad_marker(asked.service))
    page, following = pages.cut(rows, start, size, of)
    return {key: list(page)} | ({"NextToken": following} if following else {})
