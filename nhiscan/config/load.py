"""Reads nhiscan.yaml whole: every problem at once, each with file, line, key and a next step."""

from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from nhiscan.config.exceptions import read_exceptions
from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read
from nhiscan.config.model import OWNER_TAGS, SIGNALS, Config, GapLists, Naming, Policy
from nhiscan.config.roster import read_rosters, read_vendors
from nhiscan.config.tenants import read_tenants
from nhiscan.errors import UsageError


class _Msp(Struct):
    id: str
    name: str | None = None


class _Root(Struct):
    msp: _Msp
    tenants: list[Any]
    store: str = "nhiscan.duckdb"
    roster: list[str] | str = []
    matrix: str | None = None
    exceptions: str | None = None
    vendors: str | None = None
    owner_tags: tuple[str, ...] = OWNER_TAGS
    naming: list[Any] = []
    gap_lists: GapLists = GapLists()
    policy: Policy = Policy()


def load(path: Path) -> Config:
    """Read and check a configuration. ConfigError carries every problem found in all its files."""
    problems = Problems()
    checker, marked, root = _opened(path, problems)
    msp: _Msp | None = root.get("msp")
    tenants = read_tenants(checker, marked, msp.id if msp else None)
    files = _present(checker, marked, "roster", path.parent) if "roster" in root else []
    rosters = read_rosters(files, {tenant.id for tenant in tenants}, problems)
    listed = _present(checker, marked, "vendors", path.parent) if root.get("vendors") else []
    vendors = tuple(vendor for file in listed for vendor in read_vendors(file, problems))
    known = {tenant.id for tenant in tenants}
    excepted = path.parent / root["exceptions"] if root.get("exceptions") else None
    exceptions = read_exceptions(excepted, known, problems) if excepted else ()
    naming = _naming(checker, marked) if "naming" in root else ()
    _known_signals(checker, marked, root.get("policy"))
    if msp is None or problems.lines:
        raise _stopped(problems, path)
    return Config(
        path=path,
        msp_id=msp.id,
        msp_name=msp.name or msp.id,
        store=path.parent / root.get("store", "nhiscan.duckdb"),
        tenants=tenants,
        parties=rosters.parties,
        roster_read_at=max((one.written_at for one in rosters.files), default=None),
        rosters=rosters.files,
        vendors=vendors,
        owner_tags=tuple(tag.lower() for tag in root.get("owner_tags", OWNER_TAGS)),
        naming=naming,
        policy=root.get("policy", Policy()),
        matrix=path.parent / root["matrix"] if root.get("matrix") else None,
        exceptions=exceptions,
        exceptions_file=excepted,
        gap_lists=root.get("gap_lists", GapLists()),
        warnings=rosters.warnings,
    )


def _opened(path: Path, problems: Problems) -> tuple[Checker, Marked, dict[str, Any]]:
    """Read the file itself and check its top level."""
    if not path.exists():
        raise UsageError(
            f"{path}: no such file",
            hint="`nhiscan init` writes a starter; --config or NHISCAN_CONFIG names another",
        )
    marked = read(path, problems)
    if marked is None:
        raise _stopped(problems, path)
    checker = Checker(path, problems, path.parent)
    checker.refuse_secrets(marked)
    root = checker.struct(marked, _Root, "")
    if root is None:
        raise _stopped(problems, path)
    return checker, marked, root


def _naming(checker: Checker, root: Marked) -> tuple[Naming, ...]:
    items = enumerate(root.value["naming"].value)
    built = (checker.build(item, Naming, f"naming[{index}]") for index, item in items)
    return tuple(one for one in built if one is not None)


def _known_signals(checker: Checker, root: Marked, policy: Policy | None) -> None:
    """Refuse signals that governance 3.1 does not know; a misspelt one would change nothing."""
    for name in policy.signals if policy else ():
        if name not in SIGNALS:
            marked = root.value["policy"].value["signals"]
            near = get_close_matches(name.upper(), SIGNALS, n=1)
            then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(SIGNALS)}"
            path = "policy.signals"
            checker.problems.add(
                checker.file, marked.keys[name], path, f"unknown signal {name!r}; {then}"
            )


def _present(checker: Checker, root: Marked, key: str, folder: Path) -> list[Path]:
    """List the files that a checked key names; one that is missing is noted where it is named."""
    named = root.value.get(key)
    if named is None:
        return []
    many = isinstance(named.value, list)
    items = (
        [(f"{key}[{i}]", item) for i, item in enumerate(named.value)] if many else [(key, named)]
    )
    found = []
    for where, item in items:
        file = folder / item.value
        if file.exists():
            found.append(file)
        else:
            checker.note(item, where, f"{file}: no such file")
    return found


def _stopped(problems: Problems, path: Path) -> UsageError:
    """Raise what was noted; only a file without any content comes back from that."""
    problems.stop()
    return UsageError(f"{path}: holds no configuration")


def entries_digest(config: Config) -> str:
    """Return a digest of what a resumed scan must find unchanged: tenants and their entries."""
    entries = [
        (tenant.id, entry.type, repr(entry.options))
        for tenant in config.tenants
        for entry in tenant.providers
    ]
    return sha256(repr(entries).encode("utf-8", "surrogatepass")).hexdigest()
