"""The part of OData that lists of Graph understand: $filter, $select, $top and page tokens."""

import base64
import re
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, quote, urlencode

from msgspec import Struct

from nhiscan_sandbox.azure.wire import Json, Refusal

Test = Callable[[Json], bool]
_COMPARE = re.compile(r"^([\w/$]+)\s+(eq|ne|ge|gt|le|lt)\s+(.+)$", re.DOTALL)
_STARTS = re.compile(r"^startswith\(\s*([\w/]+)\s*,\s*'((?:[^']|'')*)'\s*\)$", re.IGNORECASE)
_IN = re.compile(r"^([\w/]+)\s+in\s+\((.*)\)$", re.DOTALL)


class Query(Struct, frozen=True):
    """A path's query; `plus` in a value arrives as a space, as on any web server."""

    path: str
    values: dict[str, str]
    advanced: bool = False

    @property
    def token(self) -> str | None:
        """The page token, whichever way the service spells it."""
        return self.values.get("$skiptoken") or self.values.get("$skipToken")

    @property
    def top(self) -> int | None:
        """The page size that was asked for."""
        text = self.values.get("$top", "")
        return int(text) if text.isdigit() else None

    @property
    def select(self) -> tuple[str, ...] | None:
        """The properties that were asked for; null means the usual ones."""
        text = self.values.get("$select")
        return tuple(name.strip() for name in text.split(",")) if text else None

    @property
    def expand(self) -> tuple[str, tuple[str, ...] | None] | None:
        """The relation to expand, and the properties to show of it."""
        text = self.values.get("$expand")
        if not text:
            return None
        relation, _, rest = text.partition("(")
        chosen = re.search(r"\$select=([\w,.@ ]+)", rest)
        fields = tuple(name.strip() for name in chosen.group(1).split(",")) if chosen else None
        return relation, fields

    def link(self, base: str, offset: int, name: str) -> str:
        """Return the link to the page that begins at an offset."""
        kept = {key: text for key, text in self.values.items() if key.lower() != "$skiptoken"}
        kept[name] = page_token(offset)
        return f"{base}{quote(self.path)}?{urlencode(kept, safe='$,()', quote_via=quote)}"


def parse(target: str, *, advanced: bool = False) -> Query:
    """Read a path with its query."""
    path, _, query = target.partition("?")
    return Query(path, dict(parse_qsl(query, keep_blank_values=True)), advanced)


def page_token(offset: int) -> str:
    """Make a page token that says nothing to whoever reads it."""
    return base64.urlsafe_b64encode(f"page:{offset}".encode()).decode().rstrip("=")


def offset(token: str | None) -> int | None:
    """Read a page token; null if it is none of ours."""
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        return None
    number = text.removeprefix("page:")
    return int(number) if number.isdigit() and text != number else None


def select(row: Json, fields: Sequence[str] | None, always: Sequence[str] = ()) -> Json:
    """Keep the properties that were asked for, and the annotations."""
    if fields is None:
        return row
    kept = {*fields, *always}
    return {name: one for name, one in row.items() if name in kept or name.startswith("@")}


def filtered(rows: Sequence[Json], text: str | None, *, advanced: bool) -> list[Json]:
    """Keep the rows that a $filter lets through; what is not understood is refused."""
    if not text:
        return list(rows)
    test = _any_of(text, advanced=advanced)
    return [row for row in rows if test(row)]


def _any_of(text: str, *, advanced: bool) -> Test:
    ways = [_all_of(part, advanced=advanced) for part in _split(text, " or ")]
    return lambda row: any(way(row) for way in ways)


def _all_of(text: str, *, advanced: bool) -> Test:
    tests = [_clause(part.strip(), advanced=advanced) for part in _split(text, " and ")]
    return lambda row: all(test(row) for test in tests)


def _split(text: str, word: str) -> list[str]:
    """Split at a word outside of quotes and brackets."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
            if depth == 0 and text.startswith(word, position):
                parts.append(text[start:position])
                start = position + len(word)
    return [*parts, text[start:]]


def _clause(text: str, *, advanced: bool) -> Test:
    if text.startswith("(") and text.endswith(")"):
        return _any_of(text[1:-1], advanced=advanced)
    if text.startswith("not "):
        _demand(advanced, text)
        inner = _clause(text[4:].strip(), advanced=advanced)
        return lambda row: not inner(row)
    if found := _STARTS.match(text):
        name, prefix = found.group(1), found.group(2).replace("''", "'").lower()
        return lambda row: str(_value(row, name) or "").lower().startswith(prefix)
    if found := _IN.match(text):
        name, wanted = found.group(1), [_literal(one) for one in _split(found.group(2), ",")]
        return lambda row: _plain(_value(row, name)) in wanted
    if found := _COMPARE.match(text):
        name, operator, literal = found.groups()
        if operator == "ne" or name.endswith("/$count"):
            _demand(advanced, text)
        return _comparison(name, operator, _literal(literal))
    raise Refusal(400, "Request_UnsupportedQuery", f"Unsupported filter clause: {text}")


def _demand(advanced: bool, text: str) -> None:
    if not advanced:
        raise Refusal(
            400,
            "Request_UnsupportedQuery",
            f"Operator is not supported without $count=true and ConsistencyLevel: {text}",
        )


def _comparison(name: str, operator: str, wanted: str) -> Test:
    def test(row: Json) -> bool:
        found = _plain(_value(row, name))
        match operator:
            case "eq":
                return found == wanted
            case "ne":
                return found != wanted
            case "ge":
                return found >= wanted
            case "gt":
                return found > wanted
            case "le":
                return found <= wanted
            case _:
                return found < wanted

    return test


def _value(row: Json, name: str) -> object:
    found: object = row
    for part in name.split("/"):
        if part == "$count":
            return len(found) if isinstance(found, list) else 0
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _plain(found: object) -> str:
    if isinstance(found, bool):
        return str(found).lower()
    return "null" if found is None else str(found).lower()


def _literal(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].replace("''", "'")
    return text.lower()
