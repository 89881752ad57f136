"""Matches IAM's wildcard patterns: `*`, `?`, no regard to case, the whole text.

The memos are pure: a pattern means the same for ever. They are bounded because patterns are
written by whoever writes a client's policies.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_WILD = re.compile(r"[*?]")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def matches(pattern: str, text: str) -> bool:
    """Tell whether the pattern matches all of `text`, regardless of case (IAM, element Action)."""
    return _test(_squeezed(pattern.lower()), ".")(text.lower())


def matches_exactly(pattern: str, text: str) -> bool:
    """Tell whether the pattern matches all of `text`, case included (IAM, StringLike)."""
    return _test(_squeezed(pattern), ".")(text)


@lru_cache(maxsize=65_536)
def covers(wide: str, narrow: str) -> bool:
    """Tell whether `wide` surely matches all that `narrow` matches, regardless of case.

    False where it cannot be told, so a Deny is never thought wider than it is.
    """
    # A star in `narrow` stands for any text, so only a star of `wide` may swallow it.
    return _test(_squeezed(wide.lower()), "[^*]")(narrow.lower())


@lru_cache(maxsize=65_536)
def covers_exactly(wide: str, narrow: str) -> bool:
    """Tell whether `wide` surely matches all that `narrow` matches, case included."""
    return _test(_squeezed(wide), "[^*]")(narrow)


@lru_cache(maxsize=65_536)
def within(prefix: str, pattern: str) -> tuple[str, ...]:
    """Rewrite a pattern as patterns that begin with a literal prefix, case included.

    Together they match of all texts that begin with the prefix, and go on without a further colon,
    those that it matches. (IAM's names hold no colon. Its paths might, and none is made so.)
    """
    wanted = _squeezed(pattern)
    start = min(_literal_start(wanted), len(prefix))
    if wanted[:start] != prefix[:start]:
        return ()
    places = _past_star(wanted, {start})
    for character in prefix[start:]:
        step = {
            at if wanted[at] == "*" else at + 1 for at in places if _takes(wanted, at, character)
        }
        places = _past_star(wanted, step)
    rests = sorted((wanted[at:] for at in places), key=lambda one: (literals(one), one))
    widest: list[str] = []
    for rest in rests:
        if rest and ":" not in rest and not any(covers_exactly(wide, rest) for wide in widest):
            widest.append(rest)
    return tuple(prefix + rest for rest in widest)


def _takes(pattern: str, at: int, character: str) -> bool:
    return at < len(pattern) and pattern[at] in ("*", "?", character)


def _past_star(pattern: str, places: set[int]) -> set[int]:
    return places | {at + 1 for at in places if pattern[at : at + 1] == "*"}


@lru_cache(maxsize=65_536)
def overlap(one: str, other: str) -> bool:
    """Tell whether some text matches both patterns, regardless of case."""
    left, right = _squeezed(one.lower()), _squeezed(other.lower())
    # most pairs are told apart by what stands before their first wildcards, or have none
    start = min(_literal_start(left), _literal_start(right))
    if left[:start] != right[:start]:
        return False
    left, right = left[start:], right[start:]
    if not is_wild(left):
        return _test(right, ".")(left)
    if not is_wild(right):
        return _test(left, ".")(right)
    # reachable[j]: the part of `left` read so far and right[:j] can match one text
    reachable = [True] + [False] * len(right)
    for j, b in enumerate(right):
        reachable[j + 1] = reachable[j] and b == "*"
    for a in left:
        row = [reachable[0] and a == "*"] + [False] * len(right)
        for j, b in enumerate(right):
            if a == "*" or b == "*":
                row[j + 1] = row[j] or reachable[j + 1] or reachable[j]
            else:
                row[j + 1] = reachable[j] and (a == b or "?" in (a, b))
        reachable = row
    return reachable[-1]


def _literal_start(pattern: str) -> int:
    wild = _WILD.search(pattern)
    return wild.start() if wild else len(pattern)


def any_value(text: str) -> str:
    """Put a star in the place of every policy variable (`${aws:username}`)."""
    return _VARIABLE.sub("*", text) if "${" in text else text


def is_wild(text: str) -> bool:
    """Tell whether the text holds a `*` or `?`."""
    return _WILD.search(text) is not None


def literals(text: str) -> int:
    """Count the characters that are not wildcards."""
    return len(_WILD.sub("", text))


def everything(pattern: str) -> bool:
    """Tell whether the pattern is made of stars only."""
    return bool(pattern) and not pattern.strip("*")


def _squeezed(pattern: str) -> str:
    # `**` means `*`; left as it is, a hostile `*****…x` makes the expression engine backtrack
    return re.sub(r"\*+", "*", pattern) if "**" in pattern else pattern


@lru_cache(maxsize=16_384)
def _test(pattern: str, single: str) -> Callable[[str], bool]:
    """Return what tells whether a text matches; nearly all patterns are plain or end in a star."""
    if not is_wild(pattern):
        return pattern.__eq__
    start = pattern[:-1]
    if pattern.endswith("*") and not is_wild(start):
        return lambda text: text.startswith(start)
    expression = _compiled(pattern, single)
    return lambda text: expression.fullmatch(text) is not None


def _compiled(pattern: str, single: str) -> re.Pattern[str]:
    # Every part between two stars is taken at its first place and never tried again (an atomic
    # group), which for such patterns changes no answer and makes the time linear in the text.
    head, *rest = pattern.split("*")
    text = _part(head, single)
    if rest:
        *middle, tail = rest
        text += "".join(f"(?>.*?{_part(part, single)})" for part in middle)
        text += f".*{_part(tail, single)}"
    return re.compile(text, re.DOTALL)


def _part(part: str, single: str) -> str:
    return "".join(single if character == "?" else re.escape(character) for character in part)
