"""What happened: last authentications (Policy Analyzer) and the audit log (Cloud Logging)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from nhiscan_sandbox.estate.gcp_model import GoogleOrganization
from nhiscan_sandbox.gcp import resources
from nhiscan_sandbox.gcp.pages import Asked, page
from nhiscan_sandbox.gcp.wire import refuse
from nhiscan_sandbox.gcp.world import Account, Place, World, digest, present, project_of

# How far back a last authentication is looked for, and how late it shows, in days.
_OBSERVED = 90
_LAG = 1
# Admin Activity logs are kept for 400 days (Cloud Logging, "Quotas and limits").
_KEPT = 400
_MOST_RESOURCES = 100
_METHOD = re.compile(r'"([\w.]+\.[\w]+)"')
_SINCE = re.compile(r'timestamp\s*>=?\s*"([^"]+)"')
_ADMIN = "google.iam.admin.v1."
_AUDIT = "type.googleapis.com/google.cloud.audit.AuditLog"
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


def _entries(world: World, place: Place) -> Iterator[dict[str, Any]]:
    for account in world.accounts_of(place):
        row = account.row
        labels = {
            "email_id": account.email,
            "unique_id": account.unique_id,
            "project_id": account.project.id,
        }
        made = {"name": account.name, "email": account.email, "unique_id": account.unique_id}
        if row.created_by and row.age <= _KEPT:
            yield _entry(
                world,
                place,
                row.age,
                _ADMIN + "CreateServiceAccount",
                row.created_by,
                {"type": "service_account", "labels": labels},
                made,
                through=row.created_through,
            )
        for key in row.keys:
            if key.created_by and key.age <= _KEPT:
                name = resources.service_account_key(world, account, key)["name"]
                method = "UploadServiceAccountKey" if key.uploaded else "CreateServiceAccountKey"
                yield _entry(
                    world,
                    place,
                    key.age,
                    _ADMIN + method,
                    key.created_by,
                    {"type": "service_account", "labels": labels},
                    {"name": name, "key_type": 1},
                )
        for hmac in row.hmac_keys:
            if hmac.created_by and hmac.age <= _KEPT:
                shown = resources.hmac_key(world, account, hmac)
                yield _entry(
                    world,
                    place,
                    hmac.age,
                    "storage.hmacKeys.create",
                    hmac.created_by,
                    _audited(account.project.id),
                    {
                        "metadata": {
                            "accessId": shown["accessId"],
                            "serviceAccountEmail": account.email,
                        }
                    },
                )
    for api_key in project_of(place).api_keys:
        if api_key.created_by and api_key.age <= _KEPT:
            name = resources.api_key(world, place, api_key)["name"]
            yield _entry(
                world,
                place,
                api_key.age,
                "google.api.apikeys.v2.ApiKeys.CreateKey",
                api_key.created_by,
                _audited(project_of(place).id),
                {"name": name},
            )


def _audited(project: str) -> dict[str, Any]:
    return {"type": "audited_resource", "labels": {"project_id": project}}


def _entry(
    world: World,
    place: Place,
    age: int,
    method: str,
    by: str,
    resource: dict[str, Any],
    response: dict[str, Any],
    through: str | None = None,
) -> dict[str, Any]:
    project = project_of(place).id
    who: dict[str, Any] = {"principalEmail": by}
    if by.startswith("principal://"):
        who = {"principalSubject": by}
    if through:
        first = {"firstPartyPrincipal": {"principalEmail": by}}
        who = {"principalEmail": through, "serviceAccountDelegationInfo": [first]}
    return present(
        logName=f"projects/{project}/logs/cloudaudit.googleapis.com%2Factivity",
        resource=resource,
        timestamp=world.ago(age),
        receiveTimestamp=world.ago(age),
        insertId=digest("entry", str(response), length=14),
        severity="NOTICE",
        protoPayload={
            "@type": _AUDIT,
            "serviceName": method.rpartition(".")[0],
            "methodName": method,
            "resourceName": f"projects/{project}",
            "authenticationInfo": who,
            "response": response,
        },
    )
