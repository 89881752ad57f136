"""Checks marked YAML against a Struct: unknown keys, missing keys, wrong types, clear secrets."""

import re
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from nhiscan.config.marked import Marked, Problems
from nhiscan.provider import Secret

S = TypeVar("S", bound=Struct)

# Keys that hold secret material wherever they stand, but for thresholds about their age.
_SECRET_KEY = re.compile(
    r"(?i)(?!.*max_?age$).*(secret|password|passwd|passphrase|token|private_?key|api_?key)"
)
_REFERENCE = re.compile(r"(env|file):.+")
_REFUSED = "a secret in clear is refused; write env:NAME or file:PATH"


class Checker:
    """Checks the values of one file; problems are noted, never raised.

    A value in clear under a key that names a secret is refused wherever it stands, and no message
    repeats it.
    """

    def __init__(self, file: Path, problems: Problems, base: Path) -> None:
        self.file, self.problems, self._base = file, problems, base
        self._refused: set[int] = set()

    def note(self, marked: Marked, path: str, problem: str) -> None:
        """Note a problem at a value."""
        self.problems.add(self.file, marked.line, path, problem)

    def refuse_secrets(self, marked: Marked, path: str = "", key: str = "") -> None:
        """Refuse every secret in clear below `marked`; call it before anything else is checked."""
        if _names_secret(marked, key):
            self._refuse_below(marked, path, key)

    def _refuse_below(self, marked: Marked, path: str, key: str) -> None:
        if isinstance(marked.value, dict):
            for name, item in marked.value.items():
                self._refuse_below(item, f"{path}.{name}" if path else name, name)
        elif isinstance(marked.value, list):
            for index, item in enumerate(marked.value):
                self._refuse_below(item, f"{path}[{index}]", key)
        elif marked.value is not None and _is_secret(key) and not _is_reference(marked):
            self._refuse(marked, path)

    def build(self, marked: Marked, kind: type[S], path: str) -> S | None:
        """Return an instance of `kind`, or None where anything below `marked` is wrong."""
        before = len(self.problems.lines)
        fields = self.struct(marked, kind, path)
        if fields is None or len(self.problems.lines) > before:
            return None
        try:
            return kind(**fields)
        except (ValueError, TypeError) as error:  # what the Struct's own checks say
            line = marked.keys.get(str(error).partition(":")[0], marked.line)
            self.problems.add(self.file, line, path, str(error))
            return None

    def struct(self, marked: Marked, kind: type[Struct], path: str) -> dict[str, Any] | None:
        """Return the checked fields of `kind` that are right, or None when it is no mapping."""
        if not isinstance(marked.value, dict):
            if id(marked) not in self._refused:
                self.note(marked, path, "expected keys and values")
            return None
        fields, hints = _shape(kind)
        found: dict[str, Any] = {}
        for key, value in marked.value.items():
            where = f"{path}.{key}" if path else key
            if key not in fields:
                self._unknown(marked, key, path, list(fields))
            elif id(value) not in self._refused:
                ok, checked = self._value(value, hints[fields[key].name], where)
                if ok:
                    found[fields[key].name] = checked
        for key, field in fields.items():
            needed = field.default is NODEFAULT and field.default_factory is NODEFAULT
            if needed and key not in marked.value:
                self.note(marked, path, f'"{key}" is missing')
        return found

    def _unknown(self, marked: Marked, key: str, path: str, known: list[str]) -> None:
        near = get_close_matches(key, known, n=1)
        then = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        self.problems.add(
            self.file, marked.keys.get(key, marked.line), path, f'unknown key "{key}"; {then}'
        )

    def _refuse(self, marked: Marked, path: str) -> None:
        self._refused.add(id(marked))
        self.note(marked, path, _REFUSED)

    def _value(self, marked: Marked, kind: Any, path: str) -> tuple[bool, Any]:
        """Check one value; returns whether it is right, and the value."""
        kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
        if Secret in kinds:
            if _is_reference(marked):
                return True, Secret(marked.value, str(self._base))
            if str not in kinds and marked.value is not None:
                self._refuse(marked, path)
                return False, None
        structs = [k for k in kinds if isinstance(k, type) and issubclass(k, Struct)]
        nested = next((k for k in structs if k is not Secret), None)
        if nested and (isinstance(marked.value, dict) or len(kinds) == 1):
            built = self.build(marked, nested, path)
            return built is not None, built
        named = get_args(kind)[1] if get_origin(kind) is dict else None
        if isinstance(named, type) and issubclass(named, Struct) and isinstance(marked.value, dict):
            return self._each(marked, named, path)
        return self._leaf(marked, kind, path)

    def _each(self, marked: Marked, kind: type[S], path: str) -> tuple[bool, dict[str, S]]:
        """Check the values of a mapping whose keys are free."""
        built = {k: self.build(item, kind, f"{path}.{k}") for k, item in marked.value.items()}
        found = {key: item for key, item in built.items() if item is not None}
        return len(found) == len(built), found

    def _leaf(self, marked: Marked, kind: Any, path: str) -> tuple[bool, Any]:
        leaves = _leaves(kind)
        if str in leaves and leaves.isdisjoint({int, float, bool}):
            bare = list(_bare(marked, path))
            for where, item in bare:
                self.note(item, where, f'text is wanted: write "{item.text}", with the quotes')
            if bare:
                return False, None
        try:
            return True, msgspec.convert(marked.plain(), _without_secret(kind))
        except msgspec.ValidationError as error:
            choices = _choices(kind)
            then = f"expected one of: {', '.join(choices)}" if choices else _plainly(str(error))
            self.note(marked, path, then)
            return False, None


@lru_cache(1000)  # keys are few and values many
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.match(key) is not None


def _names_secret(marked: Marked, key: str) -> bool:
    """Say whether any key names a secret: most files have none, and are through with that."""
    if _is_secret(key):
        return True
    if isinstance(marked.value, dict):
        return any(_names_secret(item, name) for name, item in marked.value.items())
    return isinstance(marked.value, list) and any(_names_secret(i, key) for i in marked.value)


def _is_reference(marked: Marked) -> bool:
    return isinstance(marked.value, str) and _REFERENCE.fullmatch(marked.value) is not None


def _bare(marked: Marked, path: str) -> list[tuple[str, Marked]]:
    """List scalars that YAML reads as a number, a date or a truth value where text is wanted.

    An account id without quotes loses its leading zeros, or is read as octal.
    """
    items = [(path, marked)]
    if isinstance(marked.value, list):
        items = [(f"{path}[{i}]", item) for i, item in enumerate(marked.value)]
    if isinstance(marked.value, dict):
        items = [(f"{path}.{name}", item) for name, item in marked.value.items()]
    return [
        (where, item)
        for where, item in items
        if not isinstance(item.value, str | dict | list) and item.value is not None
    ]


# Types are few and values many: what a type says is worked out once.
@cache
def _shape(kind: type[Struct]) -> tuple[dict[str, msgspec.structs.FieldInfo], dict[str, Any]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    return fields, get_type_hints(kind, include_extras=True)


@cache
def _leaves(kind: Any) -> frozenset[Any]:
    args = get_args(kind)
    return frozenset().union(*map(_leaves, args)) if args else frozenset({kind})


@cache
def _choices(kind: Any) -> tuple[str, ...]:
    """List the words of which a value must be one, where only words are allowed."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    words = [get_args(one) for one in kinds if get_origin(one) is Literal]
    others = [one for one in kinds if get_origin(one) is not Literal and one is not type(None)]
    return words[0] if len(words) == 1 and not others else ()


@cache
def _without_secret(kind: Any) -> Any:
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return Union[tuple(k for k in get_args(kind) if k is not Secret)]  # noqa: UP007 - built from a tuple


def _plainly(message: str) -> str:
    """Put msgspec's words as users say them."""
    message = message.replace("`", "").replace("Expected ", "expected ").replace(", got", ", not")
    words = (("str", "text"), ("int", "a whole number"), ("float", "a number"))
    for python, yaml in (
        *words,
        ("bool", "true or false"),
        ("array", "a list"),
        ("object", "keys and values"),
    ):
        message = re.sub(rf"\b{python}\b", yaml, message)
    return re.sub(r" - at \$", " at ", message)
