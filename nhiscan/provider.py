"""What a provider adapter is: it plans units and collects one unit at a time, and nothing else.

Adapters register under the entry point group `nhiscan.providers`. They see `nhiscan.records`,
`nhiscan.provider`, `nhiscan.errors` and their own SDK.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from os import environ
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct

from nhiscan.errors import ProviderError
from nhiscan.records import AccountState, AnyRecord, CoverageState


class Call(Struct, frozen=True, kw_only=True):
    """One operation of a platform's API and the permissions it needs there."""

    name: str
    permissions: tuple[str, ...]
    why: str


Topic = Literal[
    "accounts",
    "identities",
    "owners",
    "usage",
    "credentials",
    "root",
    "trusts",
    "privilege",
    "key_ids",
]


class Premise(Struct, frozen=True, kw_only=True):
    """A kind of conclusion that rests on a source: without it, only *unknown* can be said.

    `native_type` is the type of identity concerned, null if the account as a whole; `what` names
    in words what the source lists ("users and roles").
    """

    topic: Topic
    native_type: str | None = None
    what: str


class Source(Struct, frozen=True, kw_only=True):
    """One thing an adapter reads, with the calls that read it.

    `feeds` names the record kinds it yields. `blind` says what cannot be said without it.
    `optional` sources may be refused or read in part without the scan's exit code being 3.
    `sliding` sources show a moving window (audit logs): what leaves it is kept, and their rows are
    never closed. `window_days` is how far back such a window reaches; null: not known, and
    90 are assumed.
    `premise_of` names the conclusions that rest on it; a source that names none counts for all.
    """

    name: str
    title: str
    feeds: tuple[str, ...]
    calls: tuple[Call, ...]
    blind: str
    optional: bool = False
    sliding: bool = False
    window_days: int | None = None
    premise_of: tuple[Premise, ...] = ()


class Title(Struct, frozen=True, kw_only=True):
    """What an adapter's table of calls says of a source besides its calls; see `Source`.

    `regional` sources are read, and have a coverage row, in each region.
    """

    title: str
    feeds: tuple[str, ...]
    blind: str
    optional: bool = False
    sliding: bool = False
    window_days: int | None = None
    regional: bool = False


def describe(
    titles: Mapping[str, Title],
    calls: Callable[[str], tuple[Call, ...]],
    premises: Mapping[str, tuple[Premise, ...]],
) -> list[Source]:
    """Join an adapter's tables: by the source's name, its title, its calls, what rests on it."""
    return [
        Source(
            name=name,
            title=title.title,
            feeds=title.feeds,
            calls=calls(name),
            blind=title.blind,
            optional=title.optional,
            sliding=title.sliding,
            window_days=title.window_days,
            premise_of=premises.get(name, ()),
        )
        for name, title in titles.items()
    ]


class Secret(Struct, frozen=True):
    """A reference to a value kept elsewhere: `env:NAME` or `file:PATH`. Printing it is safe."""

    reference: str
    base: str = "."

    def reveal(self) -> str:
        """Read the value now, on the machine that uses it."""
        scheme, _, rest = self.reference.partition(":")
        if scheme == "env":
            value = environ.get(rest)
            if not value:
                raise ProviderError(
                    f"environment variable {rest} is not set", hint=f"export {rest}=…"
                )
            return value
        path = Path(self.base, rest)
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ProviderError(f"{path}: {error.strerror}") from error


class Unit(Struct, frozen=True, kw_only=True):
    """One account to collect for one tenant. Holds no credential: workers resolve those.

    `entry` is the index of the provider entry within the tenant's configuration, `params` what the
    plan learnt and `collect` needs (plain JSON values).
    """

    tenant_id: str
    provider: str
    account: str
    name: str | None = None
    state: AccountState = "active"
    entry: int = 0
    params: dict[str, Any] = {}


class Plan(Struct, frozen=True, kw_only=True):
    """What planning one entry found: units to collect, and records about all accounts seen.

    `records` always holds Coverage rows for what planning read, and an Account for every account,
    scanned or not. `label` names the entry among the tenant's own (an organization or account id).
    """

    label: str
    units: tuple[Unit, ...]
    records: tuple[AnyRecord, ...]


class Context(Struct, frozen=True, kw_only=True):
    """What varies between runs and is passed in: the clock, and where progress goes."""

    now: datetime
    tenant_id: str
    progress: Callable[[str], None]


class Check(Struct, frozen=True, kw_only=True):
    """One permission or source as `nhiscan check` found it; `grant` is the way to mend it."""

    account: str
    source: str
    region: str
    state: CoverageState
    reason: str | None = None
    missing: tuple[str, ...] = ()
    grant: str | None = None


class Provider(Protocol):
    """The door for platforms, ours and third parties'.

    `options` is the Struct of an entry's keys in nhiscan.yaml (besides `type`). Its fields of type
    `Secret` refuse values given in clear. `entry` arguments are instances of it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    options: ClassVar[type[Struct]]

    def sources(self) -> Sequence[Source]:
        """Every source this adapter can read, optional ones included."""
        ...

    def plan(self, entry: Any, context: Context) -> Plan:
        """Find the accounts behind an entry. Raise ProviderError only if the entry is unusable."""
        ...

    def collect(self, entry: Any, unit: Unit, context: Context) -> Iterator[AnyRecord]:
        """Yield the unit's records and one Coverage per (region, source).

        A refusal is a Coverage row, never an exception.
        """
        ...

    def check(self, entry: Any, context: Context) -> Iterable[Check]:
        """Try each source's permission with the cheapest call."""
        ...

    def permissions(self, form: str | None = None) -> str:
        """Return the least-privilege policy to give a client, generated from the call table."""
        ...

    def permission_forms(self) -> Sequence[str]:
        """List the forms that `permissions` knows, the default first."""
        ...

    def vendors(self) -> Mapping[str, str]:
        """Publicly listed accounts of vendors: native account id to vendor name."""
        ...
