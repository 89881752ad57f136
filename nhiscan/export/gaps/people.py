"""Who is written to about a list: its owner, and with time whoever stands behind them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.config.model import is_address

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

# Shares of the time between opening and due date from which somebody is copied (governance 4.2).
BACKUP_FROM, MANAGER_FROM, APPROVER_FROM = 0.5, 1.0, 1.5


class Person(Struct, frozen=True, kw_only=True):
    """One party that may be written to; `email` is null where there is no address to write to."""

    party_id: str
    name: str | None
    email: str | None
    kind: str | None
    org: str | None
    employment: str | None
    manager: str | None


class Copied(Struct, frozen=True, kw_only=True):
    """Somebody who gets a copy, and why."""

    email: str
    name: str | None
    why: str


class People:
    """Knows who may be told what of a client."""

    def __init__(self, con: "DuckDBPyConnection", config: "Config | None") -> None:
        sql = resources.files("nhiscan.export.gaps").joinpath("people.sql").read_text("utf-8")
        names = Person.__struct_fields__
        found = con.execute(sql).fetchall()
        self._parties = {row[0]: Person(**dict(zip(names, row, strict=True))) for row in found}
        self._groups = dict(
            con.execute(
                "SELECT tenant_id, coalesce(client_group, tenant_id) FROM tenants"
            ).fetchall()
        )
        tenants = config.tenants if config else ()
        self._approvers = {one.id: one.contacts.get("approver") for one in tenants}

    def owner(self, party_id: str | None, client: str) -> Person | None:
        """Return a list's owner if there is an address to write to, and they may read it.

        A client's own people read nothing about another client, whoever answers for it.
        """
        person = self._parties.get(party_id or "")
        return person if person and self._may_see(person, client, is_party=True) else None

    def copied(
        self, rows: Sequence[Mapping[str, Any]], owner: Person | None, client: str, now: datetime
    ) -> list[Copied]:
        """List who gets a copy, by how much of its time the most overdue finding has taken."""
        found: dict[str, Copied] = {}
        spent = max((share(row, now) for row in rows), default=0.0)
        for row in rows:
            backup = self._parties.get(row["backup_id"] or "")
            if (
                backup
                and share(row, now) >= BACKUP_FROM
                and self._may_see(backup, client, is_party=True)
            ):
                _add(found, backup.email, backup.name, "backup: half of the time is over")
        above = self._parties.get(owner.manager or "") if owner else None
        if above and spent >= MANAGER_FROM and self._may_see(above, client):
            _add(found, above.email, above.name, "manager: the time is over")
        approver = self._approvers.get(client)
        if approver and spent >= APPROVER_FROM and self._is_theirs(approver, client):
            _add(found, approver, None, "client's approver: half of the time again is over")
        if owner and owner.email:
            found.pop(owner.email.lower(), None)
        return list(found.values())

    def _may_see(self, person: Person, client: str, *, is_party: bool = False) -> bool:
        """Say whether somebody may read this client's findings: of the MSP, or of that client.

        A subservice's people read what they own or stand in for themselves (`is_party`).
        """
        kind, _, tenant = (person.org or "").partition(":")
        ours = (
            person.org == "msp"
            or (kind == "sub" and is_party)
            or (
                kind == "client"
                and tenant in self._groups
                and self._groups[tenant] == self._groups.get(client)
            )
        )
        return ours and _is_reachable(person)

    def _is_theirs(self, address: str, client: str) -> bool:
        """Say whether an address of the configuration is of nobody who left, or may not read."""
        return all(
            self._may_see(person, client)
            for person in self._parties.values()
            if (person.email or "").lower() == address.lower()
        )


def share(row: Mapping[str, Any], now: datetime) -> float:
    """Return how much of its time a finding has taken: 1.0 on its due date; 0 without one."""
    opened, due = row["opened_at"], row["due_at"]
    if due is None:
        return 0.0
    if opened is None or due <= opened:
        return 1.0 if now >= due else 0.0
    return float((now - opened) / (due - opened))


def _is_reachable(person: Person) -> bool:
    return bool(person.email) and is_address(person.email or "") and person.employment != "left"


def _add(found: dict[str, Copied], email: str | None, name: str | None, why: str) -> None:
    if email and is_address(email):
        found.setdefault(email.lower(), Copied(email=email, name=name, why=why))
