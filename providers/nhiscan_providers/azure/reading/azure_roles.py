"""Judges Azure roles by their actions: the built-in ones from a table, custom ones as written."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from msgspec import Struct

from nhiscan.records import ActionClass, Privilege
from nhiscan_providers.azure.reading.permissions import Judgement


class RoleDefinition(Struct, frozen=True, kw_only=True):
    """A role: `id` is its GUID in lower case. Without any actions nothing is known of it."""

    id: str
    name: str
    custom: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


class _Probe(Struct, frozen=True):
    """An action that shows a class of power; `data` probes are matched with data actions."""

    action_class: ActionClass
    privilege: Privilege
    action: str
    why: str
    data: bool = False


# One telling action for each class (Azure, "Azure resource provider operations").
_PROBES = (
    _Probe("iam", "admin", "microsoft.authorization/roleassignments/write", "may give roles"),
    _Probe("iam", "admin", "microsoft.authorization/roledefinitions/write", "may change roles"),
    _Probe(
        "iam",
        "write",
        "microsoft.managedidentity/userassignedidentities/assign/action",
        "may put managed identities to use",
    ),
    _Probe(
        "iam",
        "write",
        "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write",
        "may let outside workloads be a managed identity",
    ),
    _Probe("key", "write", "microsoft.keyvault/vaults/write", "may change key vaults"),
    _Probe(
        "key",
        "write",
        "microsoft.keyvault/vaults/secrets/getsecret/action",
        "may read secrets of key vaults",
        data=True,
    ),
    _Probe(
        "key",
        "write",
        "microsoft.keyvault/vaults/keys/sign/action",
        "may use keys of key vaults",
        data=True,
    ),
    _Probe(
        "key",
        "write",
        "microsoft.storage/storageaccounts/listkeys/action",
        "may read the keys of storage accounts",
    ),
    _Probe(
        "data",
        "write",
        "microsoft.storage/storageaccounts/blobservices/containers/blobs/write",
        "may change stored data",
        data=True,
    ),
    _Probe(
        "data",
        "read",
        "microsoft.storage/storageaccounts/blobservices/containers/blobs/read",
        "may read stored data",
        data=True,
    ),
    _Probe("data", "write", "microsoft.sql/servers/databases/write", "may change databases"),
    _Probe(
        "backup", "write", "microsoft.recoveryservices/vaults/write", "may change backup vaults"
    ),
    _Probe(
        "backup",
        "write",
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems/write",
        "may change what is backed up",
    ),
    _Probe("log", "write", "microsoft.insights/diagnosticsettings/write", "may change logging"),
    _Probe("log", "write", "microsoft.operationalinsights/workspaces/write", "may change logs"),
    _Probe("network", "write", "microsoft.network/networksecuritygroups/write", "may open them"),
    _Probe("network", "write", "microsoft.network/virtualnetworks/write", "may change networks"),
    _Probe(
        "deploy",
        "write",
        "microsoft.compute/virtualmachines/runcommand/action",
        "may run commands on machines",
    ),
    _Probe("deploy", "write", "microsoft.compute/virtualmachines/write", "may change machines"),
    _Probe("deploy", "write", "microsoft.web/sites/write", "may change web applications"),
    _Probe(
        "deploy",
        "write",
        "microsoft.containerservice/managedclusters/write",
        "may change clusters",
    ),
    _Probe(
        "deploy",
        "write",
        "microsoft.automation/automationaccounts/runbooks/write",
        "may change runbooks, which run as the account",
    ),
    _Probe("incident", "write", "microsoft.security/pricings/write", "may change security"),
    _Probe("incident", "write", "microsoft.securityinsights/incidents/write", "may edit incidents"),
)
_OWN_WORDS = frozenset({"write", "delete", "action"})
# Actions that answer with secret material, by the habit of their names: listKeys, listAccountSas,
# listConnectionStrings, listClusterAdminCredential, regenerateKey; and some without the habit:
# a workspace's sharedKeys, a site's publishing profile and its settings (sites/config/list).
_HANDS_OUT = re.compile(
    r".*/(?:(?:list|get|regenerate)\w*(?:key|secret|connectionstring|credential|sas|token)s?"
    r"|sharedkeys|publishxml|config/list)/action"
)
_ORDER: tuple[Privilege, ...] = ("none", "read", "write", "admin")


def builtin(role_id: str) -> RoleDefinition | None:
    """Find a built-in role by its GUID."""
    return _builtin().get(role_id.lower())


def judge_role(role: RoleDefinition) -> tuple[Judgement, ...]:
    """Judge a role: one judgement for each class of action that it allows, the strongest of it.

    Everything (`*`, nothing taken away that gives roles) is admin. An action that no probe knows
    counts by its last word: write, or read if it only reads. A role without actions, or with none
    that tells anything, is not known; that is never nothing.
    """
    if _everything(role):
        return (Judgement("admin", "admin", True, "everything, at this scope"),)
    found: dict[ActionClass, Judgement] = {}
    for probe in _PROBES:
        if allows(role, probe.action, data=probe.data):
            _add(found, Judgement(probe.action_class, probe.privilege, True, probe.why))
    for action in _kept(role.actions, role.not_actions):
        _add(found, _by_word(action, "write"))
    for action in _kept(role.data_actions, role.not_data_actions):
        _add(found, _by_word(action, "data"))
    if not found:
        why = "what the role allows is not known"
        return (Judgement("write", "unknown", False, why),)
    return tuple(found.values())


def allows(role: RoleDefinition, action: str, *, data: bool = False) -> bool:
    """Tell whether a role allows an action; case does not matter and `*` stands for anything."""
    given = role.data_actions if data else role.actions
    taken = role.not_data_actions if data else role.not_actions
    return _any(given, action) and not _any(taken, action)


def _everything(role: RoleDefinition) -> bool:
    gives_roles = allows(role, "microsoft.authorization/roleassignments/write")
    return gives_roles and any(set(action) <= {"*", "/"} for action in role.actions if action)


def _add(found: dict[ActionClass, Judgement], judged: Judgement | None) -> None:
    if judged is None:
        return
    known = found.get(judged.action_class)
    if known is None or _ORDER.index(known.privilege) < _ORDER.index(judged.privilege):
        found[judged.action_class] = judged


def _kept(given: Iterable[str], taken: Iterable[str]) -> Iterable[str]:
    """Leave out the actions that are taken away whole; one taken away in part still counts."""
    taken = tuple(taken)
    return (action for action in given if not _any(taken, action))


def _by_word(action: str, changes: ActionClass) -> Judgement | None:
    """Judge an action that no probe may know: `provider/type/…/verb`, or `…/name/action`."""
    steps = action.lower().split("/")
    if steps[-1] == "read":
        kind: ActionClass = "read" if changes == "write" else changes
        return Judgement(kind, "read", True, "reads resources")
    if steps[-1] not in _OWN_WORDS and "*" not in steps[-1]:
        return None
    if _HANDS_OUT.fullmatch(action.lower()):
        return Judgement("key", "write", True, "may read keys or credentials of resources")
    return Judgement(changes, "write", True, "may change resources")


def _any(patterns: Iterable[str], action: str) -> bool:
    return any(_covers(one.lower(), action.lower()) for one in patterns)


def _covers(pattern: str, text: str) -> bool:
    """Match with `*` for anything, in linear time: a role's text may be written to be slow."""
    first, *parts = pattern.split("*")
    if not parts:
        return pattern == text
    *middle, last = parts
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return text.endswith(last)


@cache
def _builtin() -> Mapping[str, RoleDefinition]:
    text = files(__package__).joinpath("azure_roles.json").read_text(encoding="utf-8")
    return {
        role_id: RoleDefinition(
            id=role_id,
            name=one["name"],
            custom=False,
            actions=tuple(one.get("actions", ())),
            not_actions=tuple(one.get("not_actions", ())),
            data_actions=tuple(one.get("data_actions", ())),
            not_data_actions=tuple(one.get("not_data_actions", ())),
        )
        for role_id, one in json.loads(text)["roles"].items()
    }
