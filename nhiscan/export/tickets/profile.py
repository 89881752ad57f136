"""Reads profiles of ticket systems, ours and the user's own: every problem with its line."""

import re
from difflib import get_close_matches
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read
from nhiscan.errors import UsageError

# What a column may be made of: the generic row, and what we compose of it.
FIELDS = (
    "finding_fp", "client", "instance_id", "criteria", "rule", "severity", "title", "identity",
    "provider", "account", "owner", "owner_email", "owner_confidence", "backup_email",
    "remediation_org", "recommended_action", "evidence_refs", "first_seen", "last_seen", "due_at",
    "sla_days", "status", "exception_id", "ticket_ref", "matrix_file_line", "owner_status",
    "identity_id", "credential_id", "opened_at", "key", "description", "findings",
)  # fmt: skip
PLACE = re.compile(r"\{([^{}]*)\}")
_PLAIN_HEADER = re.compile(r"[A-Za-z0-9 ]+")
_BACK = ("fp", "ticket_ref", "status", "closed_at")


class Column(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One target column, or key of a JSON body (`a/b` is b inside a), and what it is made of.

    Exactly one of `field`, `constant`, `template` and `repeat`; `repeat` gives a column of the same
    name for each word. `drop` takes out a column of the profile that is extended.
    """

    to: str
    field: str | None = None
    constant: str | None = None
    template: str | None = None
    repeat: list[str] | None = None
    map: dict[str, str] | None = None
    max: int | None = None
    drop: bool = False


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one ticket system takes tickets. `updates` is true where a ticket's number updates it."""

    name: str = ""
    title: str = ""
    extends: str | None = None
    format: Literal["csv", "json"] | None = None
    bom: bool | None = None
    date_format: str | None = None
    chunk: int | None = None
    updates: bool | None = None
    plain_headers: bool | None = None
    needs: list[str] | None = None
    columns: list[Column] = []
    back: dict[str, str] = {}
    notes: list[str] = []


def names() -> tuple[str, ...]:
    """List the profiles that are shipped."""
    found = resources.files(__package__).joinpath("profiles").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in found if f.name.endswith(".yaml")))


def source(name: str) -> Path:
    """Say where a profile stands: one of ours by its name, or a file. UsageError if neither."""
    if name in names():
        return Path(str(resources.files(__package__).joinpath("profiles", f"{name}.yaml")))
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    near = get_close_matches(name, names(), n=1)
    raise UsageError(
        f"no ticket profile {name!r}",
        hint=f"did you mean {near[0]!r}?"
        if near
        else f"known: {', '.join(names())}; or a FILE.yaml",
    )


def load(name: str) -> Profile:
    """Read a profile and what it extends. ConfigError tells all that is wrong."""
    problems = Problems()
    found = _read(source(name), problems)
    problems.stop("nothing was written; see `nhiscan export tickets --show NAME`")
    if found is None:
        raise UsageError(f"{name}: holds no profile")
    return found


def digest(profile: Profile) -> str:
    """Return a hash of what a profile says, with all that it extends."""
    return sha256(repr(structs.asdict(profile)).encode()).hexdigest()


def _read(file: Path, problems: Problems) -> Profile | None:
    marked = read(file, problems)
    if marked is None:
        return None
    checker = Checker(file, problems, file.parent)
    before = len(problems.lines)
    checker.refuse_secrets(marked)
    columns = _columns(checker, marked)
    rest = structs.replace(
        marked, value={k: v for k, v in marked.value.items() if k != "columns"}
    ) if isinstance(marked.value, dict) else marked  # fmt: skip
    own = checker.build(rest, Profile, "")
    if own is None or len(problems.lines) > before:
        return None
    own = structs.replace(own, name=own.name or file.stem, columns=columns)
    _check_back(checker, marked, own)
    if own.extends is None:
        whole = own
    elif own.extends in names():
        base = _read(source(own.extends), problems)
        if base is None:
            return None
        whole = _joined(base, own)
    else:
        near = get_close_matches(own.extends, names(), n=1)
        then = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(names())}"
        checker.note(marked.value["extends"], "extends", f'no profile "{own.extends}"; {then}')
        return None
    _check_whole(checker, marked, whole)
    return whole


def _columns(checker: Checker, marked: Marked) -> list[Column]:
    listed = marked.value.get("columns") if isinstance(marked.value, dict) else None
    if listed is None:
        return []
    if not isinstance(listed.value, list):
        checker.note(listed, "columns", "expected a list of columns")
        return []
    found = list[Column]()
    for index, item in enumerate(listed.value):
        path = f"columns[{index}]"
        column = checker.build(item, Column, path)
        if column is not None:
            _check_column(checker, item, path, column)
            if column.to in {other.to for other in found}:
                checker.note(item, path, f'"{column.to}" stands above already; use `repeat`')
            found.append(column)
    return found


def _check_column(checker: Checker, item: Marked, path: str, column: Column) -> None:
    made_of = [column.field, column.constant, column.template, column.repeat]
    if sum(one is not None for one in made_of) != (0 if column.drop else 1):
        said = "nothing beside `drop`" if column.drop else "field, constant, template or repeat"
        checker.note(item, path, f"exactly one is wanted: {said}")
    if column.max is not None and column.max < 10:
        checker.note(item, path, "max is at least 10")
    used = [column.field] if column.field is not None else []
    for text in [column.template or "", *(column.repeat or [])]:
        used += PLACE.findall(text)
    for name in used:
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, n=1)
            then = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(FIELDS)}"
            checker.note(item, path, f'unknown field "{name}"; {then}')


def _check_back(checker: Checker, marked: Marked, own: Profile) -> None:
    for name in own.back:
        if name not in _BACK:
            near = get_close_matches(name, _BACK, n=1)
            then = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(_BACK)}"
            checker.note(marked.value["back"].value[name], "back", f'unknown key "{name}"; {then}')


def _joined(base: Profile, own: Profile) -> Profile:
    """Lay a profile over the one it extends: a column of the same name takes the other's place."""
    given = {
        name: value
        for name in own.__struct_fields__
        if (value := getattr(own, name)) not in (None, "", [], {})
    }
    replaced = {column.to: column for column in own.columns}
    kept = [replaced.pop(column.to, column) for column in base.columns]
    columns = [column for column in [*kept, *replaced.values()] if not column.drop]
    return structs.replace(base, **{**given, "columns": columns, "back": {**base.back, **own.back},
                                    "notes": [*base.notes, *own.notes]})  # fmt: skip


def _check_whole(checker: Checker, marked: Marked, whole: Profile) -> None:
    there = {column.to for column in whole.columns}
    if not there:
        checker.note(marked, "", "no columns; name some, or `extends: generic`")
    for name in whole.needs or ():
        if name not in there:
            checker.note(marked, "columns", f'this system needs a column "{name}"')
    if whole.chunk is not None and whole.chunk < 1:
        checker.note(marked, "chunk", "at least 1")
    for name in there if whole.plain_headers else ():
        if not _PLAIN_HEADER.fullmatch(name):
            checker.note(marked, "columns", f'"{name}": this system takes no punctuation there')
