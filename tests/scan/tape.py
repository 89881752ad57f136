"""A third party's provider: plays what a JSON file says, and fails, waits or dies where told to.

It is installed by entry point, as anyone's adapter is; see `conftest.py`.
"""

import json
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from nhiscan.errors import ProviderError
from nhiscan.provider import Call, Check, Context, Plan, Secret, Source, Unit
from nhiscan.records import Account, AnyRecord, Coverage, Credential, Identity

ACCOUNTS, USERS, KEYS, NOTES = "tape.accounts", "tape.users", "tape.keys", "tape.notes"


def _source(name: str, feeds: tuple[str, ...], *, optional: bool = False) -> Source:
    call = Call(name=f"Play{name}", permissions=(f"tape:{name}",), why="to hear it")
    return Source(
        name=name, title=name, feeds=feeds, calls=(call,), blind="all of it", optional=optional
    )


class Proxy(Struct, frozen=True, forbid_unknown_fields=True):
    """A nested mapping, as adapters with several endpoints have."""

    host: str
    port: int = 80


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tape` is the JSON file to play."""

    tape: str
    accounts: tuple[str, ...] = ()
    map: dict[str, str] = {}
    pin: Secret | None = None
    proxy: Proxy | None = None
    endpoint: str | None = None


class Tape:
    """Plays a tape: {"label", "plan": act, "accounts": [{"id", "users", "act", …}]}."""

    name: ClassVar[str] = "tape"
    title: ClassVar[str] = "Tape"
    options: ClassVar[type[Struct]] = Options

    def sources(self) -> Sequence[Source]:
        return (
            _source(ACCOUNTS, ("account",)),
            _source(USERS, ("identity",)),
            _source(KEYS, ("credential",)),
            _source(NOTES, (), optional=True),
        )

    def plan(self, entry: Options, context: Context) -> Plan:
        tape = _read(entry)
        _act(tape.get("plan", {}))
        units = []
        records: list[AnyRecord] = []
        for account in tape["accounts"]:
            tenant = entry.map.get(account["id"], context.tenant_id)
            records.append(
                Account(
                    native_id=account["id"],
                    tenant_id=tenant if entry.map else None,
                    name=account.get("name"),
                    state="active",
                    source=ACCOUNTS,
                )
            )
            units.append(Unit(tenant_id=tenant, provider="tape", account=account["id"]))
        records.append(Coverage(source=ACCOUNTS, state="complete", rows=len(records)))
        broken = tape.get("break")
        if broken == "id":
            units.append(Unit(tenant_id=context.tenant_id, provider="tape", account=""))
        if broken == "tenant":
            units.append(Unit(tenant_id="nobody", provider="tape", account="a9"))
        label = "x" * 3000 if broken == "label" else "deck"
        return Plan(label=label, units=tuple(units), records=tuple(records))

    def collect(self, entry: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
        tape = _read(entry)
        account = next(a for a in tape["accounts"] if a["id"] == unit.account)
        with Path(f"{entry.tape}.log").open("a") as log:
            log.write(f"{unit.account}\n")
        context.progress(f"{unit.account}: playing")
        states: dict[str, Any] = account.get("states", {})
        yield from _unusable(account.get("yield"))
        for user in account.get("users", []):
            if USERS not in states:
                yield _user(user)
                yield Credential(key=f"{user}/key", identity=user, kind="access_key", source=KEYS)
        _act(account.get("act", {}))
        for source in (USERS, KEYS, NOTES):
            if source not in account.get("omit", []):
                state = states.get(source, "complete")
                reason = None if state == "complete" else f"{source} was refused"
                yield Coverage(source=source, state=state, reason=reason)

    def check(self, entry: Options, context: Context) -> Iterable[Check]:
        tape = _read(entry)
        _act(tape.get("check", {}))
        for account in tape["accounts"]:
            for source in (USERS, KEYS, NOTES):
                state = account.get("states", {}).get(source, "complete")
                missing = () if state == "complete" else (f"tape:{source}",)
                yield Check(
                    account=account["id"],
                    source=source,
                    region="global",
                    state=state,
                    missing=missing,
                )

    def permissions(self, form: str | None = None) -> str:
        return f"allow tape:* ({form or 'text'})"

    def permission_forms(self) -> Sequence[str]:
        return ("text", "long")

    def vendors(self) -> Mapping[str, str]:
        return {}


def _read(entry: Options) -> dict[str, Any]:
    tape: dict[str, Any] = json.loads(Path(entry.tape).read_text("utf-8"))
    return tape


def _unusable(how: str | None) -> Iterator[AnyRecord]:
    """Yield what no adapter may: another kind than there is, another tenant's account, too much."""
    if how == "kind":
        yield _user("bad", kind="gnome")
    if how == "foreign":
        yield Account(native_id="b1", tenant_id="beta", source=ACCOUNTS)
    if how == "long":
        yield _user("x" * (5 << 20))


def _user(name: str, kind: Any = "user") -> Identity:
    return Identity(
        key=name,
        kind=kind,
        native_type="tape.user",
        native_id=f"user/{name}",
        name=name,
        class_="machine",
        class_rule="T1",
        class_evidence="tapes hold machines",
        source=USERS,
    )


def _act(act: dict[str, Any]) -> None:
    """Misbehave as told. `hold` names a file: says `.reached`, then waits until it is there."""
    if "hold" in act:
        Path(act["hold"] + ".reached").touch()
        for _ in range(600):
            if Path(act["hold"]).exists():
                break
            time.sleep(0.05)
    time.sleep(act.get("sleep", 0))
    if act.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if act.get("exit"):
        raise SystemExit(0)
    if "refuse" in act:
        raise ProviderError("the deck refused", state=act["refuse"])
    if "raise" in act:
        raise ValueError(act["raise"])
