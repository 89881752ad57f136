"""Reads the tenants of a configuration and their entries, and checks what concerns several."""

import re
from difflib import get_close_matches
from typing import Any, Literal

from msgspec import Struct

from nhiscan import plugins
from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked
from nhiscan.config.model import ProviderEntry, Tenant

# Ids become names of files and folders, on any file system.
_TENANT_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


class _Tenant(Struct):
    id: str
    name: str | None = None
    kind: Literal["client", "msp", "subservice"] = "client"
    group: str | None = None
    contacts: dict[str, str] = {}
    providers: list[Any] = []


class _Placed(Struct, frozen=True):
    """A tenant, and where it stands in the file."""

    tenant: Tenant
    marked: Marked
    path: str


def read_tenants(checker: Checker, root: Marked, msp: str | None) -> tuple[Tenant, ...]:
    """Return the tenants that are right by themselves; all problems are noted."""
    listed = root.value.get("tenants")
    items = listed.value if listed is not None and isinstance(listed.value, list) else []
    placed = [
        _Placed(tenant, item, f"tenants[{index}]")
        for index, item in enumerate(items)
        if (tenant := _tenant(checker, item, f"tenants[{index}]")) is not None
    ]
    _check_ids(checker, placed)
    if msp is not None and items:
        _check_msp(checker, root.value["msp"], placed, msp)
    _check_accounts(checker, placed)
    return tuple(one.tenant for one in placed)


def _tenant(checker: Checker, marked: Marked, path: str) -> Tenant | None:
    fields = checker.struct(marked, _Tenant, path)
    if fields is None or "id" not in fields:
        return None
    for key in ("id", "group"):
        name = fields.get(key)
        if name is not None and not _TENANT_ID.fullmatch(name):
            problem = f"{name!r}: small letters, digits, - _ . are allowed, at most 63"
            checker.note(marked.value[key], f"{path}.{key}", problem)
    listed = marked.value.get("providers")
    items = listed.value if listed is not None and isinstance(listed.value, list) else []
    entries = [
        _entry(checker, item, f"{path}.providers[{index}]", index)
        for index, item in enumerate(items)
    ]
    return Tenant(
        id=fields["id"],
        name=fields.get("name") or fields["id"],
        kind=fields.get("kind", "client"),
        group=fields.get("group") or fields["id"],
        contacts=fields.get("contacts", {}),
        providers=tuple(entry for entry in entries if entry is not None),
    )


def _entry(checker: Checker, marked: Marked, path: str, index: int) -> ProviderEntry | None:
    """Check one provider entry against the keys that its adapter declares."""
    kind = marked.value.get("type") if isinstance(marked.value, dict) else None
    known = plugins.names(plugins.PROVIDERS)
    if kind is None or not isinstance(kind.value, str):
        checker.note(kind or marked, path, f'"type" is wanted, one of: {", ".join(known)}')
        return None
    if kind.value not in known:
        near = get_close_matches(kind.value, known, n=1)
        then = f'did you mean "{near[0]}"?' if near else f"installed: {', '.join(known)}"
        checker.note(kind, path, f'no provider "{kind.value}"; {then}')
        return None
    try:
        options = plugins.provider(kind.value).options
    except (ImportError, AttributeError) as error:
        checker.note(kind, path, f'provider "{kind.value}" cannot be loaded: {error}')
        return None
    rest = {key: value for key, value in marked.value.items() if key != "type"}
    built = checker.build(Marked(rest, marked.line, keys=marked.keys), options, path)
    if built is None:
        return None
    return ProviderEntry(type=kind.value, index=index, options=built, line=marked.line)


def _check_ids(checker: Checker, placed: list[_Placed]) -> None:
    first: dict[str, int] = {}
    for one in placed:
        marked = one.marked.value["id"]
        if one.tenant.id in first:
            line = first[one.tenant.id]
            problem = f"{one.tenant.id!r} is the id of the tenant in line {line} already"
            checker.note(marked, f"{one.path}.id", problem)
        first.setdefault(one.tenant.id, marked.line)


def _check_msp(checker: Checker, marked: Marked, placed: list[_Placed], msp: str) -> None:
    kinds = {one.tenant.id: one.tenant.kind for one in placed}
    if kinds.get(msp) != "msp":
        problem = f"the MSP is a tenant too: add {{id: {msp}, kind: msp}} to tenants"
        checker.note(marked, "msp.id", problem)
    for one in placed:
        if one.tenant.kind == "msp" and one.tenant.id != msp:
            problem = f"only {msp!r}, which msp.id names, can be of kind msp"
            checker.note(one.marked.value["kind"], f"{one.path}.kind", problem)


def _check_accounts(checker: Checker, placed: list[_Placed]) -> None:
    """Check that maps lead to tenants that exist, and that no account is given to two."""
    ids = [one.tenant.id for one in placed]
    owners: dict[tuple[str, str], str] = {}
    for one in placed:
        for entry in one.tenant.providers:
            path = f"{one.path}.providers[{entry.index}]"
            marked = one.marked.value["providers"].value[entry.index]
            mapped: dict[str, str] = getattr(entry.options, "map", {})
            for key, tenant_id in mapped.items():
                if tenant_id not in ids:
                    near = get_close_matches(tenant_id, ids, n=1)
                    then = f'; did you mean "{near[0]}"?' if near else f"; known: {', '.join(ids)}"
                    at = marked.value["map"].value[key]
                    checker.note(at, f"{path}.map.{key}", f'no tenant "{tenant_id}"{then}')
            listed = getattr(entry.options, "accounts", ())
            for account, tenant_id in (mapped or dict.fromkeys(listed, one.tenant.id)).items():
                owner = owners.setdefault((entry.type, account), tenant_id)
                if owner != tenant_id:
                    at = marked.value["map" if mapped else "accounts"]
                    checker.note(at, path, f"account {account} belongs to tenant {owner} already")
