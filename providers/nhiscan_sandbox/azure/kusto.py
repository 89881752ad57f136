"""The part of the Kusto query language that scans ask Resource Graph in: where, project and kin."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nhiscan_sandbox.azure.wire import Json, Refusal

Expression = Callable[[Json], Any]
_TOKEN = re.compile(
    r"\s+|//[^\n]*|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+)"
    r"|(?P<sign>=~|!~|==|!=|>=|<=|!in~|!in\b|[=<>(),.|~\[\]])|(?P<name>[A-Za-z_$][\w$]*)"
)


class Parsed:
    """A query: the table that it starts from, and what is done to its rows."""

    def __init__(self, text: str) -> None:
        self._reader = _Reader(text)
        self.table = self._reader.name().lower()
        self._steps: list[Callable[[list[Json]], list[Json]]] = []
        self.columns: tuple[str, ...] | None = None
        while self._reader.peek():
            self._reader.expect("|")
            self._steps.append(self._step())

    def run(self, rows: Iterable[Json]) -> list[Json]:
        """Put rows through all steps."""
        kept = list(rows)
        for step in self._steps:
            kept = step(kept)
        return kept

    def _step(self) -> Callable[[list[Json]], list[Json]]:
        reader = self._reader
        match reader.name().lower():
            case "where" | "filter":
                test = reader.expression()
                return lambda rows: [row for row in rows if test(row)]
            case "project":
                items = reader.items()
                self.columns = tuple(name for name, _ in items)
                return lambda rows: [{name: make(row) for name, make in items} for row in rows]
            case "extend":
                added = reader.items()
                return lambda rows: [
                    row | {name: make(row) for name, make in added} for row in rows
                ]
            case "limit" | "take":
                most = int(reader.take())
                return lambda rows: rows[:most]
            case "order" | "sort":
                return self._order()
            case other:
                raise invalid(f"the operator '{other}' is not understood")

    def _order(self) -> Callable[[list[Json]], list[Json]]:
        reader = self._reader
        reader.expect("by")
        key = reader.expression()
        # Kusto sorts downwards unless told otherwise.
        down = True
        if reader.peek().lower() in ("asc", "desc"):
            down = reader.take().lower() == "desc"
        return lambda rows: sorted(rows, key=lambda row: str(key(row)), reverse=down)


class _Reader:
    """Reads tokens, and expressions of them by descent."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise invalid(f"unexpected character at {position}")
            position = found.end()
            if found.lastgroup:
                self._tokens.append(found.group())
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        """Return a token without taking it; empty at the end."""
        position = self._at + ahead
        return self._tokens[position] if position < len(self._tokens) else ""

    def take(self) -> str:
        """Take one token."""
        token = self.peek()
        if not token:
            raise invalid("the query ends too early")
        self._at += 1
        return token

    def expect(self, wanted: str) -> None:
        """Take a token that must be there."""
        if self.take().lower() != wanted:
            raise invalid(f"'{wanted}' is missing")

    def name(self) -> str:
        """Take a name."""
        token = self.take()
        if not re.match(r"[A-Za-z_$]", token):
            raise invalid(f"a name is wanted instead of '{token}'")
        return token

    def items(self) -> list[tuple[str, Expression]]:
        """Read `name`, `name = expression`, … as `project` has them."""
        found = []
        while True:
            if self.peek(1) == "=":
                name = self.name()
                self.take()
                found.append((name, self.expression()))
            else:
                start = self._at
                made = self.expression()
                found.append((self._tokens[start], made))
            if self.peek() != ",":
                return found
            self.take()

    def expression(self) -> Expression:
        """Read an expression: `or` binds least."""
        ways = [self._and()]
        while self.peek().lower() == "or":
            self.take()
            ways.append(self._and())
        return ways[0] if len(ways) == 1 else lambda row: any(bool(way(row)) for way in ways)

    def _and(self) -> Expression:
        tests = [self._comparison()]
        while self.peek().lower() == "and":
            self.take()
            tests.append(self._comparison())
        return tests[0] if len(tests) == 1 else lambda row: all(bool(test(row)) for test in tests)

    def _comparison(self) -> Expression:
        left = self._path()
        sign = self.peek().lower()
        if sign == "in" or sign.startswith("!in"):
            self.take()
            loose = sign.endswith("~")
            if self.peek() == "~":
                self.take()
                loose = True
            return _membership(left, self._list(), loose=loose, negated=sign.startswith("!"))
        if sign not in _SIGNS:
            return left
        self.take()
        compare, right = _SIGNS[sign], self._path()
        return lambda row: compare(left(row), right(row))

    def _list(self) -> list[Expression]:
        self.expect("(")
        found: list[Expression] = []
        while self.peek() != ")":
            found.append(self.expression())
            if self.peek() == ",":
                self.take()
        self.take()
        return found

    def _path(self) -> Expression:
        made = self._primary()
        while self.peek() in (".", "["):
            key: str | int
            if self.take() == ".":
                key = self.name()
            else:
                part = self.take()
                key = int(part) if part.isdigit() else _text(part)
                self.expect("]")
            made = _step_into(made, key)
        return made

    def _primary(self) -> Expression:
        word = self.take()
        if word[0] in "'\"":
            text = _text(word)
            return lambda _: text
        if word.isdigit():
            number = int(word)
            return lambda _: number
        if word == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if self.peek() == "(":
            function = _FUNCTIONS.get(word.lower())
            if function is None:
                raise invalid(f"the function '{word}' is not understood")
            arguments = self._list()
            return lambda row: function([one(row) for one in arguments])
        constants = {"true": True, "false": False, "null": None}
        if word.lower() in constants:
            constant = constants[word.lower()]
            return lambda _: constant
        return lambda row: row.get(word)


def invalid(what: str) -> Refusal:
    """Make the refusal of a query that is not understood."""
    return Refusal(400, "BadRequest", f"InvalidQuery: {what}")


def _text(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _step_into(made: Expression, key: str | int) -> Expression:
    def step(row: Json) -> Any:
        found = made(row)
        if isinstance(found, dict):
            return found.get(str(key))
        if isinstance(found, list) and isinstance(key, int) and key < len(found):
            return found[key]
        return None

    return step


def _membership(
    left: Expression, options: Sequence[Expression], *, loose: bool, negated: bool
) -> Expression:
    def test(row: Json) -> bool:
        found = _string(left(row))
        wanted = [_string(option(row)) for option in options]
        if loose:
            found, wanted = found.lower(), [one.lower() for one in wanted]
        return (found in wanted) != negated

    return test


def _string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _loose(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: test(_string(left).lower(), _string(right).lower())


def _coalesce(values: list[Any]) -> Any:
    return next((one for one in values if one not in (None, "")), None)


def _integer(values: list[Any]) -> int | None:
    text = _string(values[0])
    return int(text) if text.lstrip("-").isdigit() else None


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: _string(left) == _string(right),
    "!=": lambda left, right: _string(left) != _string(right),
    "=~": _loose(lambda left, right: left == right),
    "!~": _loose(lambda left, right: left != right),
    "contains": _loose(lambda left, right: right in left),
    "has": _loose(lambda left, right: right in left),
    "startswith": _loose(lambda left, right: left.startswith(right)),
    "endswith": _loose(lambda left, right: left.endswith(right)),
}
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "isnotempty": lambda values: values[0] not in (None, "", {}, []),
    "isempty": lambda values: values[0] in (None, "", {}, []),
    "isnotnull": lambda values: values[0] is not None,
    "isnull": lambda values: values[0] is None,
    "not": lambda values: not values[0],
    "tostring": lambda values: _string(values[0]),
    "tolower": lambda values: _string(values[0]).lower(),
    "tobool": lambda values: _string(values[0]).lower() == "true" if values[0] != "" else None,
    "toint": _integer,
    "coalesce": _coalesce,
    "strcat": lambda values: "".join(_string(one) for one in values),
    "bag_keys": lambda values: list(values[0]) if isinstance(values[0], dict) else None,
    "bag_pack": lambda values: dict(zip(values[::2], values[1::2], strict=True)),
    "pack": lambda values: dict(zip(values[::2], values[1::2], strict=True)),
    "array_length": lambda values: len(values[0]) if isinstance(values[0], list) else None,
}
