"""Parses policy documents, however they arrive, into frozen statements or a named problem."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, Literal
from urllib.parse import unquote

from msgspec import Struct

from nhiscan_providers.aws.reading.patterns import everything

# IAM accepts 10,240 characters at most (IAM User Guide, IAM and STS quotas); far above it, a
# document is not one that IAM has stored.
_MAX_CHARACTERS = 2_000_000

_ELEMENTS = frozenset(
    {
        "sid", "effect", "action", "notaction", "resource", "notresource",
        "principal", "notprincipal", "condition",
    }
)  # fmt: skip

Effect = Literal["Allow", "Deny"]


class Condition(Struct, frozen=True):
    """One operator on one key: `operator` is bare and lower case, its modifiers stand apart.

    `quantifier` is "", "forallvalues" or "foranyvalue". Values are kept as written.
    """

    operator: str
    quantifier: str
    if_exists: bool
    key: str
    values: tuple[str, ...]


class Principals(Struct, frozen=True):
    """A Principal or NotPrincipal element: pairs of (AWS | Service | Federated | …, value).

    The bare `"*"` is the pair ("*", "*").
    """

    pairs: tuple[tuple[str, str], ...]


class Statement(Struct, frozen=True):
    """One statement; null means that the element is absent."""

    index: int
    effect: Effect
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Principals | None
    not_principals: Principals | None
    conditions: tuple[Condition, ...]


class Problem(Struct, frozen=True):
    """Why a statement, or with a null `statement` the whole document, could not be read."""

    statement: int | None
    why: str


class Document(Struct, frozen=True):
    """A parsed policy. What could not be read is in `problems`, and then nothing else is certain.

    `digest` is equal for documents with equal statements and problems.
    """

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]
    digest: str

    @property
    def complete(self) -> bool:
        """Whether every statement was understood."""
        return not self.problems


class _UnreadableError(Exception):
    """Carries what is wrong with one statement or document."""


def parse(document: object) -> Document:
    """Parse a policy given as a mapping, JSON text or URL-encoded JSON text. Never raises."""
    try:
        found = _statements(_mapping(document))
    except _UnreadableError as problem:
        return unread(str(problem))
    statements: list[Statement] = []
    problems: list[Problem] = []
    for index, raw in enumerate(found):
        try:
            statements.append(_statement(index, raw))
        except _UnreadableError as problem:
            problems.append(Problem(index, str(problem)))
    return _document(statements, problems)


def unread(reason: str) -> Document:
    """Stand for a document that could not be read."""
    return _document((), (Problem(None, reason),))


def _document(statements: Iterable[Statement], problems: Iterable[Problem]) -> Document:
    read, wrong = tuple(statements), tuple(problems)
    # repr, because names in hostile text may hold lone surrogates, which no codec of ours takes
    content = repr((read, wrong)).encode("utf-8", "backslashreplace")
    return Document(read, wrong, blake2b(content, digest_size=16).hexdigest())


def _mapping(document: object) -> Mapping[Any, Any]:
    if isinstance(document, str | bytes):
        document = _decoded(document)
    if not isinstance(document, Mapping):
        raise _UnreadableError("the policy is not an object")
    return document


def _decoded(text: str | bytes) -> object:
    if len(text) > _MAX_CHARACTERS:
        raise _UnreadableError("the policy is far longer than IAM stores")
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        if plain.lstrip()[:1] == "%":
            plain = unquote(plain, errors="strict")
        return json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _UnreadableError("the policy is not JSON") from error


def _statements(document: Mapping[Any, Any]) -> list[Any]:
    found = [value for key, value in document.items() if _name(key) == "statement"]
    if len(found) != 1:
        raise _UnreadableError("the policy has no single Statement element")
    return found[0] if isinstance(found[0], list) else [found[0]]


def _statement(index: int, raw: object) -> Statement:
    elements = _elements(raw)
    effect = elements.get("effect")
    if effect not in ("Allow", "Deny"):
        raise _UnreadableError("Effect is neither Allow nor Deny")
    for name in ("action", "resource", "principal"):
        if name in elements and f"not{name}" in elements:
            raise _UnreadableError(f"both {name.title()} and Not{name.title()} stand in it")
    actions = _texts(elements, "action")
    not_actions = _texts(elements, "notaction")
    if actions is None and not_actions is None:
        raise _UnreadableError("neither Action nor NotAction stands in it")
    return Statement(
        index=index,
        effect=effect,
        actions=actions,
        not_actions=not_actions,
        resources=_texts(elements, "resource"),
        not_resources=_texts(elements, "notresource"),
        principals=_principals(elements, "principal"),
        not_principals=_principals(elements, "notprincipal"),
        conditions=_conditions(elements.get("condition", {})),
    )


def _elements(raw: object) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise _UnreadableError("it is not an object")
    elements: dict[str, Any] = {}
    for key, value in raw.items():
        name = _name(key)
        if name not in _ELEMENTS:
            raise _UnreadableError("it holds an element that IAM does not know")
        if name in elements:
            raise _UnreadableError(f"{key} stands in it twice")
        elements[name] = value
    return elements


def _texts(elements: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    return _listed(elements[name], name) if name in elements else None


def _listed(value: object, name: str) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise _UnreadableError(f"{name} is not a text or a list of texts")
    return tuple(texts)


def _principals(elements: Mapping[str, Any], name: str) -> Principals | None:
    if name not in elements:
        return None
    value = elements[name]
    if isinstance(value, str) and everything(value):
        return Principals((("*", "*"),))
    if not isinstance(value, Mapping) or not value:
        raise _UnreadableError(f"{name} is neither * nor an object")
    if not all(isinstance(kind, str) for kind in value):
        raise _UnreadableError(f"{name} has a key that is no text")
    return Principals(
        tuple((kind, text) for kind, texts in value.items() for text in _listed(texts, name))
    )


def _conditions(value: object) -> tuple[Condition, ...]:
    if not isinstance(value, Mapping):
        raise _UnreadableError("Condition is not an object")
    found: list[Condition] = []
    for operator, tests in value.items():
        if not isinstance(operator, str) or not isinstance(tests, Mapping):
            raise _UnreadableError("Condition is not an object of objects")
        found += [_condition(operator, key, values) for key, values in tests.items()]
    return tuple(found)


def _condition(operator: str, key: object, values: object) -> Condition:
    if not isinstance(key, str):
        raise _UnreadableError("Condition has a key that is no text")
    quantifier, colon, bare = operator.lower().rpartition(":")
    if colon and quantifier not in ("forallvalues", "foranyvalue"):
        raise _UnreadableError("Condition has a quantifier that IAM does not know")
    plain = bare.removesuffix("ifexists")
    listed = values if isinstance(values, list) else [values]
    return Condition(
        operator=plain,
        quantifier=quantifier,
        if_exists=plain != bare,
        key=key,
        values=tuple(_scalar(item) for item in listed),
    )


def _scalar(value: object) -> str:
    # dates and numbers stay as written: what they mean is the operator's business
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()  # a YAML reader's doing, in dumps that clients hand over
    raise _UnreadableError("Condition has a value that is no text, number or truth value")


def _name(key: object) -> str:
    return key.lower() if isinstance(key, str) else ""
