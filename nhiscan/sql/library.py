"""The query library: files of SQL whose header is their help page."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from nhiscan.errors import QueryError, UsageError
from nhiscan.records import utc

KEYS = ("title", "why", "rule", "severity", "frameworks", "param", "unknown", "remediation")
SEVERITIES = ("info", "low", "medium", "high", "critical")
TYPES = ("text", "integer", "number", "time")


class Param(Struct, frozen=True, kw_only=True):
    """A named parameter `$name` of a query; a default of null means that nothing restricts."""

    name: str
    type: str
    default: str | None
    help: str

    def value(self, text: str | None) -> Any:
        """Read a value as the parameter's type; null stays null."""
        if text is None or text == "null":
            return None
        try:
            if self.type == "integer":
                return int(text)
            if self.type == "number":
                return float(text)
        except ValueError:
            raise QueryError(f"--param {self.name}={text}: {self.type} expected") from None
        if self.type == "time":
            moment = utc(text)
            if moment is None:
                raise QueryError(f"--param {self.name}={text}: not an ISO 8601 date or time")
            return moment
        return text


class Query(Struct, frozen=True, kw_only=True):
    """One question. `rule` makes its rows findings; `frameworks` maps a framework to its ids."""

    name: str
    area: str
    title: str
    why: str
    rule: str | None = None
    severity: str | None = None
    frameworks: dict[str, list[str]] = {}
    params: tuple[Param, ...] = ()
    unknown: str | None = None
    remediation: str | None = None
    sql: str

    def values(
        self, given: Mapping[str, str], policy: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Return all parameter values: `now`, policy thresholds, defaults, then what is given."""
        known = {param.name: param for param in self.params}
        values: dict[str, Any] = {"now": now, **policy}
        values |= {name: param.value(param.default) for name, param in known.items()}
        for name, text in given.items():
            if name in known:
                values[name] = known[name].value(text)
            elif name in policy:
                default = str(policy[name])
                values[name] = Param(name=name, type="integer", default=default, help="").value(
                    text
                )
            else:
                raise self._unknown(name, [*known, *policy])
        return values

    def _unknown(self, name: str, names: Iterable[str]) -> QueryError:
        used = [n for n in names if f"${n}" in self.sql]
        near = get_close_matches(name, used, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes: {', '.join(used) or 'none'}"
        return QueryError(f"query {self.name} has no parameter {name!r}", hint=hint)


def parse(name: str, area: str, text: str) -> Query:
    """Read a query file; UsageError names what its header lacks or misspells."""
    fields: dict[str, list[str]] = {}
    last = None
    lines = text.splitlines()
    for line in lines:
        if not line.startswith("--"):
            break
        if line.startswith("--   ") and last is not None:
            fields[last][-1] += " " + line[5:].strip()
            continue
        match = re.fullmatch(r"-- (\w+): *(.*)", line)
        if match is None or match[1] not in KEYS:
            raise UsageError(f"{name}.sql: header line {line!r} is none of {', '.join(KEYS)}")
        last = match[1]
        fields.setdefault(last, []).append(match[2].strip())
    single = {key: values[0] for key, values in fields.items() if key != "param"}
    for key in ("title", "why"):
        if not single.get(key):
            raise UsageError(f"{name}.sql: the header has no {key}")
    if single.get("severity", "info") not in SEVERITIES:
        raise UsageError(f"{name}.sql: severity {single['severity']!r} is none of {SEVERITIES}")
    single["sql"] = "\n".join(line for line in lines if not line.startswith("--")).strip()
    frameworks = _frameworks(single.pop("frameworks", ""))
    params = tuple(_param(name, line) for line in fields.get("param", []))
    return msgspec.convert(
        {"name": name, "area": area, "frameworks": frameworks, "params": params, **single}, Query
    )


def _frameworks(text: str) -> dict[str, list[str]]:
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    return {key.strip(): [i.strip() for i in ids.split(",")] for key, _, ids in parts}


def _param(query: str, line: str) -> Param:
    words = line.split(maxsplit=3)
    if len(words) < 4 or words[1] not in TYPES:
        raise UsageError(f"{query}.sql: param {line!r} is not `name type default help`")
    default = None if words[2] == "null" else words[2]
    return Param(name=words[0], type=words[1], default=default, help=words[3])


def _folder() -> Traversable:
    """Find the library: inside the installed package, or beside it in a checkout."""
    installed = files("nhiscan").joinpath("queries")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "queries"


@cache
def load() -> dict[str, Query]:
    """Read every query, in order of area and name."""
    found: dict[str, Query] = {}
    for area in sorted((f for f in _folder().iterdir() if f.is_dir()), key=lambda f: f.name):
        for file in sorted(area.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".sql"):
                name = file.name.removesuffix(".sql")
                if name in found:
                    raise UsageError(f"two queries are called {name}")
                found[name] = parse(name, area.name, file.read_text("utf-8"))
    return found


def get(name: str) -> Query:
    """Find one query by name."""
    queries = load()
    if name in queries:
        return queries[name]
    near = get_close_matches(name, queries, n=3) or [known for known in queries if name in known]
    hint = f"did you mean {' or '.join(near)}?" if near else "`nhiscan query` lists them"
    raise UsageError(f"no query named {name!r}", hint=hint)
