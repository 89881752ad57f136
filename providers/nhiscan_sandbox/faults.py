"""Faults as data: what should go wrong, for which calls, and how often."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import msgspec
from msgspec import Struct

FaultKind = Literal[
    "throttle",
    "error",
    "denied",
    "expired",
    "slow",
    "reset",
    "truncate",
    "bad_marker",
    "region_off",
    "not_licensed",
    "foreign_link",
    "empty_page",
]


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. Null fields match everything; for AssumeRole, `account` is the role's account.

    nth       1-based numbers of the matching calls that are hit; null means every one
    code      the error code to answer with, instead of the service's usual one
    status    the HTTP status for `error` (default 500)
    seconds   how long `slow` waits before it answers
    keep      the share of the body that `truncate` lets through
    retry_after  the seconds that a throttling Microsoft or Google service asks to wait; null: it
              does not say

    `bad_marker` hits only calls that carry a page marker, and counts only those. For Microsoft,
    `account` is a directory's id, `service` one of entra, graph and arm, and `foreign_link` makes
    the link to the next page lead to another host. For Google, `account` is a project's id or the
    number of a folder or organization, `code` the ErrorInfo reason of a denial, and `empty_page` an
    answer without rows but with a token.
    """

    kind: FaultKind
    account: str | None = None
    region: str | None = None
    service: str | None = None
    operation: str | None = None
    nth: tuple[int, ...] | None = None
    code: str | None = None
    status: int = 500
    seconds: float = 1.0
    keep: float = 0.5
    retry_after: float | None = None

    def matches(
        self, account: str | None, region: str | None, service: str, operation: str
    ) -> bool:
        """Say whether the rule is about such a call."""
        return (
            self.account in (None, account)
            and self.region in (None, region)
            and self.service in (None, service)
            and self.operation in (None, operation)
        )


class Faults:
    """The rules in force; the first that hits a call decides. May be changed while calls run."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._seen: list[int] = []
        self._lock = Lock()

    def set(self, faults: Iterable[Fault]) -> None:
        """Replace all rules and start counting again."""
        with self._lock:
            self._rules = list(faults)
            self._seen = [0] * len(self._rules)

    def add(self, fault: Fault) -> None:
        """Add one rule behind the others."""
        with self._lock:
            self._rules.append(fault)
            self._seen.append(0)

    def clear(self) -> None:
        """Let everything work again."""
        self.set(())

    def hit(
        self, account: str | None, region: str | None, service: str, operation: str, *, paged: bool
    ) -> Fault | None:
        """Return the fault that befalls this call, counting it; `paged`: it carries a marker."""
        with self._lock:
            for position, rule in enumerate(self._rules):
                if rule.kind == "bad_marker" and not paged:
                    continue
                if not rule.matches(account, region, service, operation):
                    continue
                self._seen[position] += 1
                if rule.nth is None or self._seen[position] in rule.nth:
                    return rule
        return None


def parse(rows: Any) -> list[Fault]:
    """Read rules from plain data: a list of mappings, or a mapping with the list as `faults`."""
    if isinstance(rows, dict):
        rows = rows.get("faults")
    return msgspec.convert(rows or [], list[Fault])


def read(file: Path) -> list[Fault]:
    """Read rules from a YAML or JSON file."""
    import yaml

    return parse(yaml.safe_load(file.read_text(encoding="utf-8")))
