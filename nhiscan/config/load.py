"""Reads nhiscan.yaml whole: every problem at once, each with file, line, key and a next step."""

import re
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from nhiscan import plugins
from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read
from nhiscan.config.model import OWNER_TAGS, Config, Policy, ProviderEntry, Tenant
from nhiscan.config.roster import read_rosters, read_vendors
from nhiscan.errors import UsageError

_TENANT_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


class _Msp(Struct):
    id: str
    name: str | None = None


class _Tenant(Struct):
    id: str
    name: str | None = None
    kind: Literal["client", "msp", "subservice"] = "client"
    group: str | None = None
    contacts: dict[str, str] = {}
    providers: list[Any] = []


class _Root(Struct):
    msp: _Msp
    tenants: list[Any]
    store: str = "nhiscan.duckdb"
    roster: list[str] | str = []
    matrix: str | None = None
    exceptions: str | None = None
    vendors: str | None = None
    owner_tags: tuple[str, ...] = OWNER_TAGS
    policy: Policy = Policy()


def load(path: Path) -> Config:
    """Read and check a configuration. ConfigError carries every problem found in all its files."""
    if not path.exists():
        raise UsageError(
            f"{path}: no such file",
            hint="`nhiscan init` writes a starter; --config or NHISCAN_CONFIG names another",
        )
    problems = Problems()
    marked = read(path, problems)
    problems.stop()
    checker = Checker(path, problems, path.parent)
    root = checker.struct(marked, _Root, "") if marked else None
    if root is None or marked is None:
        problems.stop()
        raise UsageError(f"{path}: holds no configuration")
    tenants = _tenants(checker, marked.value.get("tenants"))
    msp = root.get("msp") or {}
    _check_tenants(checker, marked, tenants, msp.get("id"))
    ids = {tenant.id for tenant in tenants}
    roster = root.get("roster", [])
    files = [path.parent / file for file in ([roster] if isinstance(roster, str) else roster)]
    parties, read_at = read_rosters(files, ids, problems)
    vendors = read_vendors(path.parent / root["vendors"], problems) if root.get("vendors") else ()
    problems.stop()
    return Config(
        path=path,
        msp_id=msp["id"],
        msp_name=msp.get("name") or msp["id"],
        store=path.parent / root.get("store", "nhiscan.duckdb"),
        tenants=tenants,
        parties=parties,
        roster_read_at=read_at,
        vendors=vendors,
        owner_tags=tuple(tag.lower() for tag in root.get("owner_tags", OWNER_TAGS)),
        policy=Policy(**root.get("policy", {})),
    )


def _tenants(checker: Checker, marked: Marked | None) -> tuple[Tenant, ...]:
    if marked is None or not isinstance(marked.value, list):
        return ()
    found = []
    for index, item in enumerate(marked.value):
        path = f"tenants[{index}]"
        fields = checker.struct(item, _Tenant, path)
        if fields is None or "id" not in fields:
            continue
        if not _TENANT_ID.fullmatch(fields["id"]):
            checker.note(
                item.value["id"],
                f"{path}.id",
                f"{fields['id']!r}: small letters, digits, - _ . are allowed, at most 63",
            )
        entries = _entries(checker, item.value.get("providers"), path)
        found.append(
            Tenant(
                id=fields["id"],
                name=fields.get("name") or fields["id"],
                kind=fields.get("kind", "client"),
                group=fields.get("group") or fields["id"],
                contacts=fields.get("contacts", {}),
                providers=entries,
            )
        )
    return tuple(found)


def _entries(checker: Checker, marked: Marked | None, path: str) -> tuple[ProviderEntry, ...]:
    if marked is None or not isinstance(marked.value, list):
        return ()
    found = []
    for index, item in enumerate(marked.value):
        entry = _entry(checker, item, f"{path}.providers[{index}]", index)
        if entry is not None:
            found.append(entry)
    return tuple(found)


def _entry(checker: Checker, marked: Marked, path: str, index: int) -> ProviderEntry | None:
    """Check one provider entry against the keys that its adapter declares."""
    kind = marked.value.get("type") if isinstance(marked.value, dict) else None
    if kind is None:
        checker.note(marked, path, '"type" is missing: the name of a provider')
        return None
    known = plugins.names(plugins.PROVIDERS)
    if kind.value not in known:
        near = get_close_matches(str(kind.value), known, n=1)
        then = f'did you mean "{near[0]}"?' if near else f"installed: {', '.join(known)}"
        checker.note(kind, path, f'no provider "{kind.value}"; {then}')
        return None
    options = plugins.provider(kind.value).options
    rest = {key: value for key, value in marked.value.items() if key != "type"}
    before = len(checker.problems.lines)
    fields = checker.struct(Marked(rest, marked.line, keys=marked.keys), options, path)
    if fields is None or len(checker.problems.lines) > before:
        return None
    try:
        built = options(**fields)
    except (ValueError, TypeError) as error:
        key = str(error).partition(":")[0]
        line = marked.keys.get(key, marked.line)
        checker.problems.add(checker.file, line, path, str(error))
        return None
    return ProviderEntry(type=kind.value, index=index, options=built, line=marked.line)


def _check_tenants(
    checker: Checker, marked: Marked, tenants: tuple[Tenant, ...], msp: str | None
) -> None:
    """Check what no single tenant can: ids once, the MSP there, maps and accounts that fit."""
    lines = marked.value.get("tenants", marked)
    ids = [tenant.id for tenant in tenants]
    for tenant_id in sorted({i for i in ids if ids.count(i) > 1}):
        checker.note(lines, "tenants", f"{tenant_id!r} stands here {ids.count(tenant_id)} times")
    kinds = {tenant.id: tenant.kind for tenant in tenants}
    if msp is not None and kinds and kinds.get(msp) != "msp":
        checker.note(
            marked.value["msp"], "msp.id", f"add a tenant {{id: {msp}, kind: msp}}: the MSP itself"
        )
    owners: dict[tuple[str, str], str] = {}
    for number, tenant in enumerate(tenants):
        for entry in tenant.providers:
            path = f"tenants[{number}].providers[{entry.index}]"
            _check_map(checker, entry, path, ids)
            for account in getattr(entry.options, "accounts", ()):
                owner = owners.setdefault((entry.type, account), tenant.id)
                if owner != tenant.id:
                    problem = f"account {account} belongs to tenant {owner} already"
                    checker.problems.add(checker.file, entry.line, path, problem)


def _check_map(checker: Checker, entry: ProviderEntry, path: str, ids: list[str]) -> None:
    for key, tenant_id in getattr(entry.options, "map", {}).items():
        if tenant_id not in ids:
            near = get_close_matches(tenant_id, ids, n=1)
            then = f'; did you mean "{near[0]}"?' if near else ""
            problem = f'map: {key}: no tenant "{tenant_id}"{then}'
            checker.problems.add(checker.file, entry.line, path, problem)


def entries_digest(config: Config) -> str:
    """Return a digest of what a resumed scan must find unchanged: tenants and their entries."""
    entries = [
        (tenant.id, entry.type, repr(entry.options))
        for tenant in config.tenants
        for entry in tenant.providers
    ]
    return sha256(repr(entries).encode()).hexdigest()
