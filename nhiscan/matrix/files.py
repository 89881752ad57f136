"""The kinds of files that a matrix folder holds, each as the type of its root."""

from functools import cache
from pathlib import Path, PurePath
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from nhiscan.matrix.model import Criterion, Instance, LinkRule, Period


class PartyRow(Struct, frozen=True, kw_only=True):
    """A team or mailbox that is in no roster; `lead` is a person who is."""

    id: str
    kind: Literal["person", "team", "mailbox", "vendor"] = "team"
    name: str | None = None
    email: str | None = None
    lead: str | None = None
    org: str = "msp"


class SlaRow(Struct, frozen=True, kw_only=True):
    """How fresh evidence of one domain must be: lengths such as 24h, 7d, 2w, 12m or 7y."""

    max_age: str | None = None
    produce_within: str | None = None
    retrieve_within: str | None = None
    retain_for: str | None = None


class ClientRoot(Struct, frozen=True, kw_only=True):
    """A file of clients/: the control instances of one client in one period."""

    client: str
    period: Period
    instances: list[Instance] = []


class PartiesRoot(Struct, frozen=True, kw_only=True):
    """parties.yaml: teams and mailboxes beside those of the rosters."""

    parties: list[PartyRow] = []


class SlasRoot(Struct, frozen=True, kw_only=True):
    """slas.yaml: how fresh evidence must be, by domain."""

    slas: dict[str, SlaRow] = {}


class RulesRoot(Struct, frozen=True, kw_only=True):
    """rules/links.yaml: conventions that tie identities to criteria."""

    rules: list[LinkRule] = []


class CatalogRoot(Struct, frozen=True, kw_only=True):
    """A file of catalog/: a framework and its criteria under titles of your own."""

    framework: str
    criteria: list[Criterion] = []


# The name of each kind, its root, and where its files are below the matrix folder.
KINDS: dict[str, tuple[type[Struct], str]] = {
    "client": (ClientRoot, "clients/*.yaml"),
    "parties": (PartiesRoot, "parties.yaml"),
    "slas": (SlasRoot, "slas.yaml"),
    "rules": (RulesRoot, "rules/links.yaml"),
    "catalog": (CatalogRoot, "catalog/*.yaml"),
}


def matrix_files(folder: Path) -> list[tuple[Path, type[Struct]]]:
    """List the files of a matrix that are there, with their roots, in a fixed order."""
    found = []
    for root, pattern in KINDS.values():
        below, name = PurePath(pattern).parent, PurePath(pattern).name
        names = (name.replace(".yaml", ".y*ml"),) if "*" in name else (name,)
        found += [(file, root) for n in names for file in sorted((folder / below).glob(n))]
    return found


class Field(Struct, frozen=True, kw_only=True):
    """One key of a mapping: its type, and what it is when left out (`needed` if it may not be)."""

    type: Any
    needed: bool
    default: Any = None


@cache
def fields(kind: type[Struct]) -> dict[str, Field]:
    """Return the keys of a struct as files write them, in canonical order."""
    hints = get_type_hints(kind)
    return {
        field.encode_name: _field(field, hints[field.name])
        for field in msgspec.structs.fields(kind)
    }


def _field(field: msgspec.structs.FieldInfo, hint: Any) -> Field:
    made = field.default_factory is not NODEFAULT
    default = field.default_factory() if made else field.default
    needed = not made and field.default is NODEFAULT
    return Field(type=hint, needed=needed, default=None if needed else default)


def structs_of_matrix() -> list[type[Struct]]:
    """List the types of all mappings in the files, each root before what is in it."""
    found: dict[type[Struct], None] = {}

    def add(kind: type[Struct]) -> None:
        found.setdefault(kind)
        for field in fields(kind).values():
            inner = struct(field.type) or struct(part(field.type))
            if inner is not None:
                add(inner)

    for root, _ in KINDS.values():
        add(root)
    return list(found)


def part(kind: Any) -> Any:
    """Return the type of what is in a collection: of a list's items or a dict's values."""
    for one in _choices(kind):
        if get_origin(one) in (list, dict):
            return get_args(one)[-1]
    return None


def struct(kind: Any) -> type[Struct] | None:
    """Return the struct among the choices of a type."""
    for one in _choices(kind):
        if isinstance(one, type) and issubclass(one, Struct):
            return one
    return None


def has(kind: Any, leaf: type) -> bool:
    """Say whether a scalar of this type may be a `leaf`, such as a date."""
    return leaf in _choices(kind)


def words(kind: Any) -> tuple[str, ...]:
    """List the words of which a scalar must be one; none where any text will do."""
    return next((get_args(one) for one in _choices(kind) if get_origin(one) is Literal), ())


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
