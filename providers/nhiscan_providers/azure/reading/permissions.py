"""Judges permissions of Microsoft Graph and its siblings: class of action and power."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from nhiscan.records import ActionClass, Privilege

GRAPH = "00000003-0000-0000-c000-000000000000"
# Resources whose permissions are worth asking for from their side (azure.md A3, row 6).
KNOWN_RESOURCES: Mapping[str, str] = {
    GRAPH: "Microsoft Graph",
    "00000002-0000-0000-c000-000000000000": "Azure AD Graph",
    "00000002-0000-0ff1-ce00-000000000000": "Office 365 Exchange Online",
    "00000003-0000-0ff1-ce00-000000000000": "Office 365 SharePoint Online",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Service Management",
    "c161e42e-d4df-4a3d-9b42-e7a3c31f59d4": "Microsoft Intune API",
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": "Microsoft Partner Center",
    "fc780465-2017-40d4-a0c5-307022471b92": "WindowsDefenderATP",
    "8ee8fdad-f234-4243-8f3b-15c294843740": "Microsoft Threat Protection",
    "cfa8b339-82a2-471a-a3c9-0fc0be7a4093": "Azure Key Vault",
    "48ac35b8-9aa8-4d74-927d-1f4a14a0b239": "Skype and Teams Tenant Admin API",
}
# The operations, which follow the subject: `DeviceManagementApps.Read.All` manages nothing.
_READS = re.compile(r"read|list|view|query|search|export", re.IGNORECASE)
_WRITES = re.compile(
    r"write|manage|send|create|update|delete|add|remove|full_?control|full_?access|fullaccess|"
    r"invite|enable|disable|initiate|operations|join|access|accessmedia|access_as_user|selected|"
    r"impersonation|isolate|scan|offboard|stopandquarantine|restrict|collect|liveresponse|"
    r"revoke|assign|approve|migrate|install|restore|import|upload|edit|transfer",
    re.IGNORECASE,
)
_BY_TOPIC: tuple[tuple[re.Pattern[str], ActionClass], ...] = (
    (re.compile(r"AuditLog|SecurityEvents|SecurityAlert|SecurityIncident|Threat", re.I), "log"),
    (re.compile(r"Role|Policy|Consent|PermissionGrant|AppRole|Entitlement|Access", re.I), "iam"),
    (re.compile(r"BitlockerKey|Certificate|InformationProtection|KeyVault", re.I), "key"),
    (re.compile(r"Backup", re.I), "backup"),
    (re.compile(r"^(Network|NetworkAccess)", re.I), "network"),
    (re.compile(r"^(DeviceManagement|WindowsUpdates|CloudPC)", re.I), "deploy"),
    (re.compile(r"Incident|ServiceHealth|ServiceMessage", re.I), "incident"),
    (
        re.compile(r"Mail|Files|Sites|Chat|Calendar|Contacts|Notes|Tasks|ChannelMessage", re.I),
        "data",
    ),
)


class Judgement(Struct, frozen=True):
    """What holding something means; `known`: the table lists it, else its name's form decides."""

    action_class: ActionClass
    privilege: Privilege
    known: bool
    why: str


def judge_app_role(resource_app_id: str, value: str | None) -> Judgement:
    """Judge an application permission, held without any user; null: its id was not resolved."""
    if not value:
        return Judgement("write", "unknown", False, "which permission it is could not be resolved")
    return _listed(resource_app_id, value) or _by_form(value)


def judge_scope(resource_app_id: str, scope: str) -> Judgement:
    """Judge a delegated permission, used on behalf of a signed-in user."""
    if scope.lower() in ("openid", "profile", "email", "offline_access"):
        return Judgement("read", "none", True, "signs a user in")
    return judge_app_role(resource_app_id, scope)


def app_role_id(value: str) -> str | None:
    """Return the id of one of Microsoft Graph's application permissions; the same everywhere."""
    found: str | None = _table()["ids"].get(value)
    return found


def _listed(resource_app_id: str, value: str) -> Judgement | None:
    found = _table()["permissions"].get(resource_app_id.lower(), {}).get(value.lower())
    if found is None:
        return None
    action_class, privilege, why = found
    return Judgement(action_class, privilege, True, why)


def _by_form(value: str) -> Judgement:
    """Judge by name: Microsoft names permissions `Subject.Operation.Constraint`.

    Source: Microsoft Graph, "Overview of Microsoft Graph permissions", naming pattern.
    """
    topic = next((kind for pattern, kind in _BY_TOPIC if pattern.search(value)), None)
    operation = value.partition(".")[2] or value
    reads = bool(_READS.match(operation))
    # `Read.EntitlementManagement` names what is read: only the operation itself can manage.
    only_reads = operation.lower().startswith("read") and "write" not in operation.lower()
    writes = not only_reads and bool(_WRITES.search(operation))
    if not writes and not reads:
        return Judgement(topic or "write", "unknown", False, "its name does not say what it allows")
    if writes:
        return Judgement(topic or "write", "write", False, "by its name, it writes")
    return Judgement(topic or "read", "read", False, "by its name, it reads")


@cache
def _table() -> Any:
    text = files(__package__).joinpath("permissions.json").read_text(encoding="utf-8")
    loaded = json.loads(text)
    lowered = {
        resource: {name.lower(): judged for name, judged in some.items()}
        for resource, some in loaded["permissions"].items()
    }
    return {"ids": loaded["ids"], "permissions": lowered}
