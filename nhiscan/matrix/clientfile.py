"""Reads one file of `clients/`: a tenant, a period, and the control instances in it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked
from nhiscan.matrix.model import (
    DUTIES,
    Catalog,
    ClientFile,
    Custody,
    Instance,
    Operator,
    Period,
    Placed,
)
from nhiscan.matrix.opened import expect, items, nearest, opened
from nhiscan.matrix.problems import Noted

_ORG = re.compile(r"msp|client|subservice|sub:.+")
_DUTIES = frozenset(DUTIES)
_PLAIN_ORGS = frozenset({"msp", "client", "subservice", None})
_ORGS = ("msp", "client", "subservice", "sub:<name>")


class Known(Struct, frozen=True, kw_only=True):
    """The names that a client's file may use."""

    tenants: frozenset[str]
    frameworks: dict[str, frozenset[str]]
    criteria: frozenset[str]

    @classmethod
    def of(cls, tenants: Iterable[str], catalogs: tuple[Catalog, ...]) -> "Known":
        """Take the names from the configuration and the catalogs.

        Criteria are the ids that one catalog alone has: 5.2 of two standards names no criterion,
        and stands under `also`, which names the framework.
        """
        frameworks = {k.framework: frozenset(c.id for c in k.criteria) for k in catalogs}
        times = Counter(one for ids in frameworks.values() for one in ids)
        criteria = frozenset(one for one, number in times.items() if number == 1)
        return cls(tenants=frozenset(tenants), frameworks=frameworks, criteria=criteria)


class _Root(Struct):
    client: str
    period: Period
    instances: list[Any] = []


def file_is_of(name: str, client: str) -> bool:
    """Say whether a file's name is that of a client: acme.yaml, or acme.2025.yaml beside it."""
    return re.fullmatch(rf"{re.escape(client)}(\.[\w.-]+)?\.ya?ml", name) is not None


class ClientReader:
    """Checks what stands in one file; problems are noted, never raised."""

    def __init__(self, file: Path, problems: Noted, known: Known, name: str | None = None) -> None:
        """`name` is what the file of `clients/` will be called, where `file` is another one."""
        self._file, self._problems, self._known = file, problems, known
        self._name = file.name if name is None else name

    def read(self) -> ClientFile | None:
        """Read the file; None if it cannot be, or does not tell the client or the period."""
        found = opened(self._file, self._problems)
        return None if found is None else self.take(*found)

    def take(self, checker: Checker, marked: Marked) -> ClientFile | None:
        """Return what is right of a file that was read."""
        self._checker = checker
        root = checker.struct(marked, _Root, "")
        self._client = f"client:{root.get('client') if root else ''}"
        placed = [
            self._instance(item, f"instances[{index}]")
            for index, item in enumerate(self._named(marked))
        ]
        if not root or "client" not in root or "period" not in root:
            return None
        self._whose(marked.value["client"], root["client"])
        if root["period"].to < root["period"].from_:
            checker.note(marked.value["period"], "period", "it ends before it begins")
        return ClientFile(
            client=root["client"],
            period=root["period"],
            instances=tuple(one for one in placed if one is not None),
            file=str(self._file),
            line=marked.line,
        )

    def _named(self, marked: Marked) -> list[Marked]:
        """List the instances, and tell the problems what they are called."""
        listed = items(marked, "instances")
        for index, item in enumerate(listed):
            said = item.value.get("id") if isinstance(item.value, dict) else None
            if said is not None and isinstance(said.value, str):
                self._problems.ids[str(self._file), index] = said.value
        return listed

    def _whose(self, marked: Marked, client: str) -> None:
        expect(self._checker, marked, "client", self._known.tenants, "tenant")
        if client in self._known.tenants and not file_is_of(self._name, client):
            problem = f'the file of "{client}" is called {client}.yaml or {client}.<what>.yaml'
            self._checker.note(marked, "client", f"{problem}, not {self._name}")

    def _instance(self, marked: Marked, path: str) -> Placed | None:
        try:
            one = msgspec.convert(marked.plain(), Instance)
        except msgspec.ValidationError:
            self._explain(marked, path)
            return None
        self._check(marked, one, path)
        return Placed(instance=one, line=marked.line, lines=dict(_lines(marked)))

    def _explain(self, marked: Marked, path: str) -> None:
        """Note what is wrong with what is no instance, part by part."""
        before = len(self._problems.lines)
        for key, kind in (("custody", Custody), ("operated_by", Operator)):
            for index, item in enumerate(items(marked, key)):
                self._checker.build(item, kind, f"{path}.{key}[{index}]")
        parts = {"custody", "operated_by"} if len(self._problems.lines) > before else set()
        if isinstance(marked.value, dict):  # what was told is not told again
            rest = {key: item for key, item in marked.value.items() if key not in parts}
            marked = Marked(rest, marked.line, keys=marked.keys)
        self._checker.struct(marked, Instance, path)
        if isinstance(marked.value, dict):
            self._names(marked, path)
        if len(self._problems.lines) == before:
            self._checker.note(marked, path, "this is no control instance; see docs/matrix.md")

    def _plainly_right(self, one: Instance) -> bool:
        """Say whether all names are well known: most are, and need no place to be told."""
        frameworks = self._known.frameworks
        duties = (said if isinstance(said, list) else [said] for said in one.duties.values())
        return (
            self._known.criteria.issuperset(one.criteria)
            and all(frameworks.get(f, frozenset()).issuperset(ids) for f, ids in one.also.items())
            and one.duties.keys() <= _DUTIES
            and all(_PLAIN_ORGS.issuperset(orgs) for orgs in duties)
            and all(kept.who in _PLAIN_ORGS for kept in one.custody)
        )

    def _names(self, marked: Marked, path: str) -> None:
        """Check the names in an instance, whatever else is wrong with it."""
        for index, item in enumerate(items(marked, "criteria")):
            self._criterion(item, f"{path}.criteria[{index}]")
        self._also(marked.value.get("also"), f"{path}.also")
        self._duties(marked.value.get("duties"), f"{path}.duties")
        for index, item in enumerate(items(marked, "custody")):
            if isinstance(item.value, dict) and "who" in item.value:
                self._org(item.value["who"], f"{path}.custody[{index}].who")

    def _check(self, marked: Marked, one: Instance, path: str) -> None:
        if not self._plainly_right(one):
            self._names(marked, path)
        if not one.id.strip():
            self._checker.note(marked.value["id"], f"{path}.id", "give it a name; it is empty")
        if not one.criteria:
            self._checker.note(
                marked.value["criteria"], f"{path}.criteria", "give at least one criterion"
            )
        for index, item in enumerate(items(marked, "operated_by")):
            operator = one.operated_by[index]
            if (operator.id is None) == (operator.selector is None):
                where = f"{path}.operated_by[{index}]"
                self._checker.note(item, where, "give either id or selector")
        for index, item in enumerate(items(marked, "custody")):
            where, kept = f"{path}.custody[{index}]", one.custody[index]
            if kept.to is not None and kept.to <= kept.from_:
                self._checker.note(item, where, "it ends before it begins")

    def _criterion(self, marked: Marked, path: str) -> None:
        frameworks = self._known.frameworks.items()
        theirs = [
            name
            for name, ids in frameworks
            if isinstance(marked.value, str) and marked.value in ids
        ]
        if len(theirs) > 1:
            named = f'no criterion "{marked.value}" alone: {" and ".join(theirs)} have one'
            self._checker.note(marked, path, f"{named}; name it under also")
        else:
            expect(self._checker, marked, path, self._known.criteria, "criterion")

    def _also(self, also: Marked | None, path: str) -> None:
        for framework, listed in _pairs(also):
            where, ids = f"{path}.{framework}", self._known.frameworks.get(framework)
            if ids is None:
                near = nearest(framework, self._known.frameworks)
                self._at_key(also, framework, path, f'no framework "{framework}"{near}')
                continue
            for index, item in enumerate(listed.value if isinstance(listed.value, list) else ()):
                expect(self._checker, item, f"{where}[{index}]", ids, f"{framework} id")

    def _duties(self, duties: Marked | None, path: str) -> None:
        for name, said in _pairs(duties):
            if name not in DUTIES:
                near = nearest(name, DUTIES) or f"; known: {', '.join(DUTIES)}"
                self._at_key(duties, name, path, f'no duty "{name}"{near}')
            named = said.value if isinstance(said.value, list) else [said]
            for item in named:
                if isinstance(item.value, str):
                    self._org(item, f"{path}.{name}")

    def _org(self, marked: Marked, path: str) -> None:
        if not isinstance(marked.value, str):
            return  # which has been told
        if not _ORG.fullmatch(marked.value) and marked.value != self._client:
            near = nearest(marked.value, ("msp", "client", "subservice"))
            known = near or f"; known: {', '.join(_ORGS)}"
            self._checker.note(marked, path, f'no organization "{marked.value}"{known}')

    def _at_key(self, marked: Marked | None, key: str, path: str, problem: str) -> None:
        """Note what is wrong with a key of a mapping, at its own line."""
        line = marked.keys[key] if marked else 1
        self._problems.add(self._file, line, path, problem)


def _pairs(marked: Marked | None) -> list[tuple[str, Marked]]:
    """List the keys and values of a mapping; none of what is none."""
    return list(marked.value.items()) if marked and isinstance(marked.value, dict) else []


def _lines(marked: Marked) -> Iterator[tuple[str, int]]:
    """Tell the line of every key of an instance, and of the items of its lists."""
    yield from marked.keys.items()
    for key in ("custody", "operated_by"):
        for index, item in enumerate(items(marked, key)):
            yield f"{key}[{index}]", item.line
    duties = marked.value.get("duties")
    if duties is not None:
        yield from ((f"duties.{name}", line) for name, line in duties.keys.items())
