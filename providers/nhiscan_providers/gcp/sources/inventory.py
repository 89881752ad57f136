"""Reads Cloud Asset Inventory: all resources, all allow policies, and what only its search tells.

The same three calls serve an organization (about twenty calls) and a single project (two calls).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from msgspec import convert

from nhiscan.ledger import Reading
from nhiscan.records import utc
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import (
    ACCOUNTS,
    AGENTS,
    API_KEYS,
    CONTACTS,
    KEYS,
    POOLS,
    ROLES,
)
from nhiscan_providers.gcp.facts import Facts, Scope
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.lists import Listing, as_described, read_pages
from nhiscan_providers.gcp.sources import shapes

_PROJECT = "cloudresourcemanager.googleapis.com/Project"
_ACCOUNT = "iam.googleapis.com/ServiceAccount"
_BUCKET = "storage.googleapis.com/Bucket"
# Which source each type of asset belongs to; null: the tree, which is planning's.
TYPES: Mapping[str, str | None] = {
    _PROJECT: None,
    _ACCOUNT: ACCOUNTS,
    "iam.googleapis.com/ServiceAccountKey": KEYS,
    "iam.googleapis.com/Role": ROLES,
    "iam.googleapis.com/WorkloadIdentityPool": POOLS,
    "iam.googleapis.com/WorkloadIdentityPoolProvider": POOLS,
    "apikeys.googleapis.com/Key": API_KEYS,
    "essentialcontacts.googleapis.com/Contact": CONTACTS,
    "aiplatform.googleapis.com/ReasoningEngine": AGENTS,
}
# Types whose policies are read. Others (images, topics by the thousand) would be most of the pages
# and say least; what is not named here is named in the docs.
POLICY_TYPES = (
    "cloudresourcemanager.googleapis.com/Organization",
    "cloudresourcemanager.googleapis.com/Folder",
    _PROJECT,
    _ACCOUNT,
    _BUCKET,
    "secretmanager.googleapis.com/Secret",
    "cloudkms.googleapis.com/CryptoKey",
    "cloudkms.googleapis.com/KeyRing",
    "bigquery.googleapis.com/Dataset",
    "run.googleapis.com/Service",
    "cloudfunctions.googleapis.com/CloudFunction",
    "cloudfunctions.googleapis.com/Function",
    "artifactregistry.googleapis.com/Repository",
)
T = TypeVar("T")
_CRM = "//cloudresourcemanager.googleapis.com/"
_IAM = "//iam.googleapis.com/"


def read_assets(access: Access, reading: Reading, scope: str, facts: Facts) -> dict[str, str]:
    """Read all resources of TYPES; return what is missing, by source.

    One type that it does not know has the whole call refused: then each is asked for alone.
    """
    found = _Assets(facts)
    try:
        unknown = _types(access, reading, scope, found)
    finally:
        found.join()  # what was read before a fault is worth having
    for kind in unknown:
        found.lack(kind, f"the inventory does not list {kind}")
    return found.missing


def _types(access: Access, reading: Reading, scope: str, found: "_Assets") -> list[str]:
    try:
        _list(access, reading, scope, TYPES, found)
    except Fault as fault:
        if fault.kind != "invalid" or reading.pages:
            raise
    else:
        return []
    unknown = []
    for kind in TYPES:
        before = reading.pages
        try:
            _list(access, reading, scope, (kind,), found)
        except Fault as alone:
            if alone.kind != "invalid" or reading.pages != before:
                raise
            unknown.append(kind)
    if len(unknown) == len(TYPES):
        raise Fault("invalid", f"cloudasset:ListAssets: refused for {scope} whatever the type")
    return unknown


def read_policies(access: Access, reading: Reading, scope: str, facts: Facts) -> None:
    """Read all allow policies below a scope; the query is empty, or bindings would be missing."""
    buckets: set[str] = set()

    def take(row: dict[str, Any]) -> None:
        place = facts.project(str(row.get("project", "")).removeprefix("projects/"))
        where = _scope(row["resource"], row.get("assetType", ""), place, row)
        if row.get("assetType") == _BUCKET and place:
            buckets.add(place)
        facts.bindings.extend(shapes.bindings((row.get("policy") or {}).get("bindings"), where))

    listing = Listing(
        api="cloudasset",
        name="SearchAllIamPolicies",
        places={"scope": scope},
        params={"assetTypes": POLICY_TYPES},
    )
    read_pages(access, reading, listing, take, facts.bindings.clear)
    facts.with_buckets = buckets


def read_ages(access: Access, reading: Reading, scope: str, facts: Facts) -> None:
    """Read when service accounts were made and the tags bound to them."""

    def take(row: dict[str, Any]) -> None:
        one = facts.account(row["name"].rpartition("/")[2])
        if one is None:
            return
        made = utc(row.get("createTime"))
        if made:
            one.created = made
        one.tags = one.tags | _tags(row.get("tags") or ())

    listing = Listing(
        api="cloudasset",
        name="SearchAllResources",
        places={"scope": scope},
        params={"assetTypes": (_ACCOUNT,), "readMask": "name,assetType,project,createTime,tags"},
    )
    read_pages(access, reading, listing, take, lambda: None)


class _Assets:
    """Sorts assets into facts; what belongs to another asset waits until all are there."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.missing: dict[str, str] = {}
        self._waiting: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._begun = 0

    def lack(self, kind: str, reason: str) -> None:
        """Say what is missing of a type's source; the first reason stays."""
        source = TYPES[kind]
        if source:
            self.missing.setdefault(source, reason)

    def begin(self) -> None:
        """Remember where a list begins, for it may have to begin anew."""
        self._begun = len(self._waiting)

    def take(self, row: dict[str, Any]) -> None:
        """Keep one asset."""
        kind = row["assetType"]
        data = (row.get("resource") or {}).get("data") or {}
        if kind == _PROJECT:
            name, ancestors = convert(data["projectId"], str), convert(row["ancestors"], list[str])
            number = str(data.get("projectNumber") or ancestors[0].partition("/")[2])
            self._facts.learn(name, number, ancestors[1:])
            if data.get("lifecycleState", data.get("state", "ACTIVE")) != "ACTIVE":
                self._facts.leaving.add(name)
        elif kind in TYPES:
            self._waiting.append((kind, row, data))

    def restart(self) -> None:
        """Forget what the list has given so far."""
        del self._waiting[self._begun :]

    def join(self) -> None:
        """Take what waited, pools before their providers.

        One that is not as described costs its own source alone, and so does one whose owner the
        inventory does not list (yet): neither may hide the others.
        """
        order = list(TYPES)
        facts = self._facts
        waiting = sorted(self._waiting, key=lambda one: order.index(one[0]))
        self._waiting.clear()
        for kind, row, data in waiting:
            try:
                with as_described("cloudasset:ListAssets"):
                    joined = _join(facts, kind, data, _project(facts, row))
            except Fault as fault:
                self.lack(kind, f"{fault.reason}: {kind}")
            else:
                if not joined:
                    self.lack(kind, f"a {kind} was listed without the one that it belongs to")


def _join(facts: Facts, kind: str, data: dict[str, Any], project: str) -> bool:
    """Keep a resource; return whether what it belongs to is known."""
    if kind.endswith(("/ServiceAccount", "/ServiceAccountKey", "/Role")):
        return _join_iam(facts, kind, data, project)
    if kind.endswith("/WorkloadIdentityPool"):
        facts.pools[data["name"]] = shapes.pool(data, project)
    elif kind.endswith("/WorkloadIdentityPoolProvider"):
        provider = shapes.provider(data)
        pool = facts.pools.get(provider.name.rpartition("/providers/")[0])
        if pool is None:
            return False
        others = [one for one in pool.providers if one.name != provider.name]
        pool.providers = [*others, provider]
    elif TYPES[kind] == API_KEYS:
        _once(facts.api_keys[project], shapes.api_key(data, project), "name")
    elif TYPES[kind] == AGENTS:
        _once(facts.agents[project], shapes.agent(data, project), "name")
    elif TYPES[kind] == CONTACTS:
        one = shapes.contact(data)
        place = facts.project(one.place.removeprefix("projects/"))
        one.place = f"projects/{place}" if place else one.place
        _once(facts.contacts[one.place], one, "email")
        return True  # one of a folder or of the organization
    return project in facts.above


def _once(rows: list[T], one: T, name: str) -> None:
    """Keep a row in place of what is told of the same thing: lists repeat some over pages."""
    rows[:] = [row for row in rows if getattr(row, name) != getattr(one, name)]
    rows.append(one)


def _join_iam(facts: Facts, kind: str, data: dict[str, Any], project: str) -> bool:
    if TYPES[kind] == ACCOUNTS:
        one = shapes.service_account(data, project)
        facts.add_account(one)
        return one.project in facts.above
    if TYPES[kind] == ROLES:
        name, permissions = shapes.role(data)
        facts.roles[name] = permissions
    else:
        key = shapes.key(data)
        if key:
            owner = facts.account(key.account)
            if owner is None:
                return False
            _once(facts.keys[owner.email], key, "id")
    return True


def _list(
    access: Access, reading: Reading, scope: str, types: Iterable[str], found: _Assets
) -> None:
    found.begin()
    listing = Listing(
        api="cloudasset",
        name="ListAssets",
        places={"parent": scope},
        params={"assetTypes": tuple(types), "contentType": "RESOURCE"},
    )
    read_pages(access, reading, listing, found.take, found.restart)


def _project(facts: Facts, row: Mapping[str, Any]) -> str:
    """Find the project that an asset lies in: by its ancestors, else by its name."""
    for ancestor in row.get("ancestors") or ():
        known = facts.project(ancestor.removeprefix("projects/"))
        if known:
            return known
    parts = row["name"].split("/")
    named = parts[parts.index("projects") + 1] if "projects" in parts[:-1] else ""
    return facts.project(named) or named


def _scope(name: str, kind: str, project: str | None, row: Mapping[str, Any]) -> Scope:
    if name.startswith(_CRM):
        level, _, number = name.removeprefix(_CRM).partition("/")
        if level == "projects":
            place = project or number
            return Scope(name=name, level="project", id=place, place=f"projects/{place}")
        return Scope(name=name, level=level.rstrip("s"), id=number, place=f"{level}/{number}")
    place = f"projects/{project}" if project else _above(row)
    if name.startswith(_IAM) and "/serviceAccounts/" in name:
        return Scope(name=name, level="account", id=name.rpartition("/")[2], place=place)
    return Scope(name=name, level="resource", id=name, place=place)


def _above(row: Mapping[str, Any]) -> str:
    folders = row.get("folders") or ()
    return str(row.get("project") or (folders[0] if folders else row.get("organization", "")))


def _tags(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read tags by their short names: `tagKey` is namespaced as ORGANIZATION/KEY."""
    found = {}
    for row in rows:
        name, value = str(row.get("tagKey", "")), str(row.get("tagValue", ""))
        if name and value:
            found[name.rpartition("/")[2]] = readable(value.rpartition("/")[2])
    return found


def labels(rows: Mapping[str, Any] | None) -> dict[str, str]:
    """Read labels; a value that stands for an address is written as one."""
    return {str(name): readable(str(value)) for name, value in (rows or {}).items()}


def readable(value: str) -> str:
    """Give back the address that a label's value stands for, as labels can hold neither @ nor dots.

    Dots are written as underscores, else as dashes: `dana_reyes_at_acme-dental_example` and
    `dana-reyes_at_acme-dental-example` are dana.reyes@acme-dental.example. Without underscores only
    the last dash of a domain is one of its dots. A value without `_at_` stays as it is.
    """
    local, at, domain = value.partition("_at_")
    if not (local and at and domain) or "_at_" in domain:
        return value
    local = local.replace("_" if "_" in local else "-", ".")
    if "_" in domain:
        return f"{local}@{domain.replace('_', '.')}"
    name, _, top = domain.rpartition("-")
    return f"{local}@{name}.{top}" if name else value
