"""Checks marked YAML against a Struct: unknown keys, missing keys, wrong types, clear secrets."""

import re
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from nhiscan.config.marked import Marked, Problems
from nhiscan.provider import Secret

# Keys that hold secret material wherever they stand; a value in clear is refused and not repeated.
_SECRET_KEY = re.compile(r"(?i)(secret|password|passwd|token|private_?key|api_?key)")
_REFERENCE = re.compile(r"(env|file):.+")


class Checker:
    """Checks the values of one file; problems are noted, never raised."""

    def __init__(self, file: Path, problems: Problems, base: Path) -> None:
        self.file, self.problems, self._base = file, problems, base

    def note(self, marked: Marked, path: str, problem: str) -> None:
        """Note a problem at a value."""
        self.problems.add(self.file, marked.line, path, problem)

    def struct(self, marked: Marked, kind: type[Struct], path: str) -> dict[str, Any] | None:
        """Return the checked fields of `kind` that are present, or None when it is no mapping."""
        if not isinstance(marked.value, dict):
            self.note(marked, path, "expected keys and values")
            return None
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        hints = get_type_hints(kind)
        found: dict[str, Any] = {}
        for key, value in marked.value.items():
            where = f"{path}.{key}" if path else key
            if key not in fields:
                self._unknown(marked, key, path, list(fields))
                continue
            ok, checked = self.value(value, hints[fields[key].name], where, key)
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

    def value(self, marked: Marked, kind: Any, path: str, key: str) -> tuple[bool, Any]:
        """Check one value; returns whether it is right, and the value."""
        kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
        text = marked.value if isinstance(marked.value, str) else ""
        if Secret in kinds and _REFERENCE.fullmatch(text):
            return True, Secret(text, str(self._base))
        if Secret in kinds and str not in kinds and marked.value is not None:
            self.note(marked, path, "a secret in clear is refused; write env:NAME or file:PATH")
            return False, None
        if _SECRET_KEY.search(key) and Secret not in kinds and text:
            self.note(marked, path, "a secret in clear is refused; write env:NAME or file:PATH")
            return False, None
        inner = kinds[0]
        if isinstance(inner, type) and issubclass(inner, Struct) and inner is not Secret:
            fields = self.struct(marked, inner, path)
            return fields is not None, fields
        return self._leaf(marked, kind, path)

    def _leaf(self, marked: Marked, kind: Any, path: str) -> tuple[bool, Any]:
        bare = self._bare_number(marked, kind, path)
        if bare:
            return False, None
        try:
            return True, msgspec.convert(marked.plain(), _without_secret(kind))
        except msgspec.ValidationError as error:
            self.note(marked, path, _plainly(str(error)))
            return False, None

    def _bare_number(self, marked: Marked, kind: Any, path: str) -> bool:
        """Find numbers where text is wanted: an account id without quotes loses its zeros."""
        if str not in _leaves(kind):
            return False
        items: list[tuple[str, Marked]] = [(path, marked)]
        if isinstance(marked.value, list):
            items = [(f"{path}[{i}]", item) for i, item in enumerate(marked.value)]
        if isinstance(marked.value, dict):
            items = [(f"{path}.{name}", item) for name, item in marked.value.items()]
        wrong = [
            (where, item)
            for where, item in items
            if isinstance(item.value, int | float) and not isinstance(item.value, bool)
        ]
        if int in _leaves(kind):
            return False
        for where, item in wrong:
            self.note(item, where, f'text is wanted, not a number: write "{item.text}"')
        return bool(wrong)


def _leaves(kind: Any) -> set[Any]:
    args = get_args(kind)
    return set().union(*map(_leaves, args)) if args else {kind}


def _without_secret(kind: Any) -> Any:
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return Union[tuple(k for k in get_args(kind) if k is not Secret)]  # noqa: UP007 - built from a tuple


def _plainly(message: str) -> str:
    """Put msgspec's words as users say them."""
    message = message.replace("`", "").replace("Expected ", "expected ").replace(", got", ", not")
    for python, yaml in (("str", "text"), ("bool", "true or false"), ("array", "a list")):
        message = re.sub(rf"\b{python}\b", yaml, message)
    return re.sub(r" - at \$", " at ", message)
