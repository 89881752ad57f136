"""The tenant wall in text: masks whatever names another client (DESIGN promise 5)."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from functools import partial
from typing import Any

MASK = "[another client]"
# A shorter name is masked as a whole word only: `it` is part of too many words. A longer one is
# known by its beginning.
ANYWHERE = 4
LONGEST = 200
# Texts of which a wall remembers what became of them.
SEEN = 100_000
_OPAQUE = re.compile(r"\b[a-z]+_[0-9a-f]{20}\b")
_WORD_GAP = re.compile(r"[^0-9A-Za-z]+")


class Wall:
    """Knows the words that name each client, and takes those of all others out of a text.

    `terms` are (client, kind, term) with kind name, id or domain; `opaque` says whose each public
    id (`nhi_…`) is. A word that names several clients is masked for everyone else. Matching takes
    the longest word that fits, so that a client called Acme Dental keeps its own name when another
    is called Acme.
    """

    def __init__(
        self, terms: Iterable[tuple[str, str, str]], opaque: Mapping[str, str] | None = None
    ) -> None:
        self._clients: dict[str, set[str]] = {}
        domains, anywhere, words = set[str](), set[str](), set[str]()
        for client, kind, term in terms:
            for variant in _variants(term, kind):
                self._clients.setdefault(variant, set()).add(client)
                (anywhere if kind != "name" or len(variant) >= ANYWHERE else words).add(variant)
                if kind == "domain":
                    domains.add(variant)
        self._opaque = dict(opaque or {})
        self._seen: dict[tuple[str, str], tuple[str, set[str]]] = {}
        self._pattern = _pattern(domains, anywhere, words)

    def knowing(self, opaque: Mapping[str, str]) -> "Wall":
        """Return the same wall with other public ids; its words are not built again."""
        other = copy(self)
        other._opaque = dict(opaque)
        other._seen = {}
        return other

    def masked(self, value: Any, client: str) -> tuple[Any, set[str]]:
        """Return `value` fit for `client`, and the other clients that it named."""
        named: set[str] = set()
        return self._value(value, client, named), named

    def _value(self, value: Any, client: str, named: set[str]) -> Any:
        if isinstance(value, str):
            return self._text(value, client, named)
        if isinstance(value, dict):
            return {
                self._value(key, client, named): self._value(item, client, named)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._value(item, client, named) for item in value]
        return value

    def _text(self, text: str, client: str, named: set[str]) -> str:
        """Mask one text; the same text stands in many rows, and is looked at once."""
        known = self._seen.get((client, text))
        if known is None:
            found: set[str] = set()
            masked = text
            if self._pattern:
                masked = self._pattern.sub(partial(self._word, client, found), masked)
            masked = _OPAQUE.sub(partial(self._id, client, found), masked)
            known = masked, found
            if len(self._seen) < SEEN and len(text) <= LONGEST:
                self._seen[client, text] = known
        named |= known[1]
        return known[0]

    def _word(self, client: str, named: set[str], found: re.Match[str]) -> str:
        # Letters whose lower case is longer than they are find no owner here: masked as well.
        owners = self._clients.get((found["domain"] or found[0]).lower(), set())
        if client in owners:
            return found[0]
        named |= owners
        return MASK

    def _id(self, client: str, named: set[str], found: re.Match[str]) -> str:
        owner = self._opaque.get(found[0], client)
        if owner == client:
            return found[0]
        named.add(owner)
        return MASK


def opaque_ids(value: Any) -> set[str]:
    """Find the public ids that a value mentions anywhere."""
    if isinstance(value, str):
        return set(_OPAQUE.findall(value))
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        return set().union(*map(opaque_ids, value))
    return set()


def _variants(term: str, kind: str) -> set[str]:
    """Spell a name as people put it into identifiers: Acme Dental, acme-dental, AcmeDental."""
    spelled = {term.lower()}
    if kind == "name":
        words = [word for word in _WORD_GAP.split(term.lower()) if word]
        spelled |= {gap.join(words) for gap in ("", "-", "_", ".", " ")}
    return {variant[:LONGEST] for variant in spelled} - {""}


def _pattern(domains: set[str], anywhere: set[str], words: set[str]) -> re.Pattern[str] | None:
    """Match a term, longest first; an address at a client's domain is matched whole."""
    parts = []
    if domains:
        # Anchored at the start of an address, so that long names cost no more than their length.
        address = r"(?<![\w.+%-])[\w.+%-]+@(?:[\w-]+\.)*"
        parts.append(f"{address}(?P<domain>{trie(domains)})(?![\\w-])")
    else:
        parts.append("(?P<domain>(?!))")
    if anywhere:
        parts.append(trie(anywhere))
    if words:
        parts.append(rf"(?<![0-9A-Za-z])(?:{trie(words)})(?![0-9A-Za-z])")
    return re.compile("|".join(parts), re.IGNORECASE) if anywhere or words else None


def trie(terms: set[str]) -> str:
    """Write terms as one expression that branches by character: thousands cost as one does."""
    ends = "" in terms
    branches: dict[str, set[str]] = {}
    for term in sorted(terms - {""}):
        branches.setdefault(term[0], set()).add(term[1:])
    inner = "|".join(re.escape(first) + trie(rest) for first, rest in branches.items())
    if not inner:
        return ""
    if ends:
        return f"(?:{inner})?"
    return f"(?:{inner})" if len(branches) > 1 else inner
