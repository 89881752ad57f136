"""What happened: last authentications (Policy Analyzer) and the audit log (Cloud Logging)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.estate.gcp_model import GoogleOrganization
from nhiscan_sandbox.gcp import resources
from nhiscan_sandbox.gcp.pages import Asked, page
from nhiscan_sandbox.gcp.wire import refuse
from nhiscan_sandbox.gcp.world import Account, Place, World, digest, project_of

# How far back a last authentication is looked for, and how late it shows, in days.
_OBSERVED = 90
_LAG = 1
# Admin Activity logs are kept for 400 days (Cloud Logging, "Quotas and limits").
_KEPT = 400
_MOST_RESOURCES = 100
_METHOD = re.compile(r'"([\w.]+\.[\w]+)"')
_SINCE = re.compile(r'timestamp\s*>=?\s*"([^"]+)"')
ACTIVITY_TYPES = ("serviceAccountLastAuthentication", "serviceAccountKeyLastAuthentication")


def query(world: World, asked: Asked) -> dict[str, Any]:
    """Answer QueryActivity for a project, or for an organization where the estate lets it."""
    scope, _, kind = asked.target.partition("/locations/global/activityTypes/")
    place = world.place(scope)
    if kind not in ACTIVITY_TYPES or place is None:
        raise refuse("INVALID_ARGUMENT", f"Invalid parent {asked.target}.")
    top = place.organization
    row = top.row if top else None
    if place is top and isinstance(row, GoogleOrganization) and row.activity == "project":
        raise refuse("INVALID_ARGUMENT", "The parent must be a project.")
    rows = [
        made
        for project in world.projects(place)
        for account in world.accounts_of(project)
        for made in _authentications(world, account, keys=kind == ACTIVITY_TYPES[1])
    ]
    return page(asked, rows, "activities", cap=1000, default=100)


def permission(asked: Asked) -> str:
    """Return the permission that a query needs: one for accounts and one for their keys."""
    kind = asked.target.rpartition("/")[2].removesuffix("Authentication")
    return f"policyanalyzer.{kind}AuthenticationActivities.query"


def entries(world: World, asked: Asked) -> dict[str, Any]:
    """Answer ListLogEntries. Of the filter, method names and a lower bound of time count.

    An organization as resource name gives only its own entries, of which there are none.
    """
    names = asked.several("resourceNames")
    if not names or len(names) > _MOST_RESOURCES:
        raise refuse("INVALID_ARGUMENT", f"1 to {_MOST_RESOURCES} resource names are needed.")
    wanted = asked.text("filter")
    methods = {name for name in _METHOD.findall(wanted) if name.rpartition(".")[2][:1].isalpha()}
    bound = _SINCE.search(wanted)
    since = datetime.fromisoformat(bound[1]) if bound else None
    rows = [
        entry
        for name in names
        if (place := world.place(name)) is not None and name.startswith("projects/")
        for entry in _entries(world, place)
        if _methods_match(methods, entry) and (since is None or _time(entry) >= since)
    ]
    rows.sort(key=_time, reverse=asked.text("orderBy") == "timestamp desc")
    return page(asked, rows, "entries", cap=1000, default=50)


def _methods_match(methods: set[str], entry: dict[str, Any]) -> bool:
    named = {name for name in methods if "." in name}
    return not named or entry["protoPayload"]["methodName"] in named


def _time(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["timestamp"])


def _authentications(world: World, account: Account, *, keys: bool) -> Iterator[dict[str, Any]]:
    name = f"//iam.googleapis.com/{account.name}"
    number = account.place.name.rpartition("/")[2]
    common = {"serviceAccountId": account.unique_id, "projectNumber": number}
    if not keys and _seen(account.row.used):
        detail = {"serviceAccount": {"fullResourceName": name} | common}
        yield _authentication(world, account, ACTIVITY_TYPES[0], name, account.row.used, detail)
    for key in account.row.keys if keys else ():
        if _seen(key.used):
            full = (
                f"//iam.googleapis.com/{resources.service_account_key(world, account, key)['name']}"
            )
            detail = {"serviceAccountKey": {"fullResourceName": full} | common}
            yield _authentication(world, account, ACTIVITY_TYPES[1], full, key.used, detail)


def _seen(used: int | None) -> bool:
    return used is not None and used <= _OBSERVED


def _authentication(
    world: World, account: Account, kind: str, name: str, used: int | None, detail: dict[str, Any]
) -> dict[str, Any]:
    when = resources.moment(world, max(used or 0, _LAG))
    start = resources.moment(world, min(_OBSERVED, account.row.age))
    return {
        "fullResourceName": name,
        "activityType": kind,
        "observationPeriod": {"startTime": start, "endTime": resources.moment(world, _LAG)},
        "activity": {"lastAuthenticatedTime": when, **detail},
    }


class Made(Struct, frozen=True, kw_only=True):
    """Something that somebody made: the method, who, how many days ago, what was answered."""

    age: int
    by: str | None
    method: str
    response: dict[str, Any]
    account: Account | None = None
    through: str | None = None


def _entries(world: World, place: Place) -> Iterator[dict[str, Any]]:
    for made in _everything_made(world, place):
        if made.by is not None and made.age <= _KEPT:
            yield _entry(world, project_of(place).id, made, made.by)


def _everything_made(world: World, place: Place) -> Iterator[Made]:
    for account in world.accounts_of(place):
        row, admin = account.row, "google.iam.admin.v1."
        yield Made(
            age=row.age,
            by=row.created_by,
            method=f"{admin}CreateServiceAccount",
            response={"name": account.name, "email": account.email, "unique_id": account.unique_id},
            account=account,
            through=row.created_through,
        )
        for key in row.keys:
            shown = resources.service_account_key(world, account, key)
            yield Made(
                age=key.age,
                by=key.created_by,
                method=f"{admin}{'Upload' if key.uploaded else 'Create'}ServiceAccountKey",
                response={"name": shown["name"], "key_type": 1},
                account=account,
            )
        for hmac in row.hmac_keys:
            access = resources.hmac_key(world, account, hmac)["accessId"]
            metadata = {"accessId": access, "serviceAccountEmail": account.email}
            yield Made(
                age=hmac.age,
                by=hmac.created_by,
                method="storage.hmacKeys.create",
                response={"metadata": metadata},
            )
    for api_key in project_of(place).api_keys:
        yield Made(
            age=api_key.age,
            by=api_key.created_by,
            method="google.api.apikeys.v2.ApiKeys.CreateKey",
            response={"name": resources.api_key(world, place, api_key)["name"]},
        )


def _entry(world: World, project: str, made: Made, by: str) -> dict[str, Any]:
    return {
        "logName": f"projects/{project}/logs/cloudaudit.googleapis.com%2Factivity",
        "resource": _resource(project, made.account),
        "timestamp": world.ago(made.age),
        "receiveTimestamp": world.ago(made.age),
        "insertId": digest("entry", str(made.response), length=14),
        "severity": "NOTICE",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": _service(made.method),
            "methodName": made.method,
            "resourceName": f"projects/{project}",
            "authenticationInfo": _who(by, made.through),
            "response": made.response,
        },
    }


def _service(method: str) -> str:
    services = {"google.iam": "iam", "google.api": "apikeys"}
    return services.get(".".join(method.split(".")[:2]), "storage") + ".googleapis.com"


def _resource(project: str, account: Account | None) -> dict[str, Any]:
    if account is None:
        return {"type": "audited_resource", "labels": {"project_id": project}}
    labels = {"email_id": account.email, "unique_id": account.unique_id, "project_id": project}
    return {"type": "service_account", "labels": labels}


def _who(by: str, through: str | None) -> dict[str, Any]:
    if by.startswith("principal://"):
        return {"principalSubject": by}
    if through is None:
        return {"principalEmail": by}
    first = {"firstPartyPrincipal": {"principalEmail": by}}
    return {"principalEmail": through, "serviceAccountDelegationInfo": [first]}
