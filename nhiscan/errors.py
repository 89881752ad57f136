"""Every error nhiscan raises on purpose, and the exit code each one means.

NhiscanError                 4  a fault of ours
├── UsageError               2  the user can mend it: bad words, names, values
│   ├── ConfigError          2  nhiscan.yaml or a file it names; carries every problem found
│   ├── QueryError           2  SQL refused, failed or out of time
│   ├── LockedError          2  another process is writing this store
│   └── StoreError           2  the store cannot be opened, is too new, or the clock is behind it
├── SpoolError               2  a spool file is damaged, foreign or of another version
└── ProviderError            3  one entry point could not be used at all; the rest goes on
"""

from enum import IntEnum


class Exit(IntEnum):
    """What the process's exit code says (DESIGN 5)."""

    COMPLETE = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    FAULT = 4


class NhiscanError(Exception):
    """A message for people, an optional next step, and the exit code that goes with them."""

    exit_code = Exit.FAULT

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(NhiscanError):
    """Something the user wrote is wrong, and the message says what to write instead."""

    exit_code = Exit.USAGE


class ConfigError(UsageError):
    """One or more problems in configuration files; each line reads `file:line: path: problem`."""

    def __init__(self, problems: list[str], *, hint: str | None = None) -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = problems


class QueryError(UsageError):
    """SQL that was refused, failed, or ran out of time or memory."""


class LockedError(UsageError):
    """Another process holds the writer's lock of this store."""


class StoreError(UsageError):
    """The store cannot be used as it is."""


class SpoolError(UsageError):
    """A spool file is cut short, damaged, of another version, or speaks for another tenant."""


class ProviderError(NhiscanError):
    """An entry point of a provider could not be used; `state` is the coverage state to record."""

    exit_code = Exit.INCOMPLETE

    def __init__(
        self, message: str, *, state: str = "unreachable", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.state = state


def first_of(problems: list[str], shown: int = 20) -> str:
    """Tell the first problems of a file, a line each, and how many there are besides."""
    more = len(problems) - shown
    return "\n".join(problems[:shown] + ([f"and {more} more"] if more > 0 else []))
