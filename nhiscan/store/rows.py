"""Turns a unit's records into rows: derives the public ids and the digest of each."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec

from nhiscan.errors import SpoolError
from nhiscan.records import (
    Account,
    AnyRecord,
    Claim,
    Coverage,
    Credential,
    Grant,
    Identity,
    Trust,
    Usage,
    account_id,
    public_id,
)
from nhiscan.spool import Header

Row = dict[str, Any]


class Rows:
    """Makes rows of one unit's records. The unit's header alone says whose they are."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._account_id = account_id(header.provider, header.account)
        self._scope = (header.tenant_id, header.provider, header.account)
        self.unit = unit_name(header)
        self._encoder = msgspec.json.Encoder(order="deterministic")
        self._makers: dict[type, tuple[str, Callable[[Any], Row]]] = {
            Account: ("account", self._account),
            Identity: ("identity", self._identity),
            Credential: ("credential", self._credential),
            Grant: ("grant", self._grant),
            Trust: ("trust", self._trust),
            Claim: ("claim", self._claim),
            Usage: ("usage", self._usage),
            Coverage: ("coverage", self._coverage),
        }

    def row(self, record: AnyRecord) -> tuple[str, Row]:
        """Return the name of the table a record goes to, and its row as plain JSON values."""
        name, make = self._makers[type(record)]
        row: Row = msgspec.to_builtins(record)
        row.pop("record")
        # Defaults are left out on the wire, so the encoding, and with it the digest, stays the same
        # when a later version adds a field with a default.
        digest = blake2b(self._encoder.encode(record), digest_size=8).digest()
        row |= make(record)
        row.setdefault("region", "global")
        row["digest"] = int.from_bytes(digest, "big")
        return name, row

    def _unit(self) -> Row:
        return {
            "tenant_id": self._header.tenant_id,
            "provider": self._header.provider,
            "account_id": self._account_id,
            "unit": self.unit,
        }

    def _id(self, prefix: str, *parts: str) -> str:
        return public_id(prefix, *self._scope, *parts)

    def _account(self, record: Account) -> Row:
        if record.tenant_id is not None and self._header.part != "plan":
            raise SpoolError(
                f"{self.unit}: a collected unit speaks of an account of {record.tenant_id!r}"
            )
        return self._unit() | {
            "account_id": account_id(self._header.provider, record.native_id),
            "tenant_id": record.tenant_id or self._header.tenant_id,
            "tags": record.tags,
            "state": record.state,
        }

    def _identity(self, record: Identity) -> Row:
        return self._unit() | {
            "identity_id": self._id("nhi", record.key),
            "privilege": record.privilege,
            "tags": record.tags,
            "attributes": record.attributes,
        }

    def _credential(self, record: Credential) -> Row:
        owner = record.identity
        return self._unit() | {
            "credential_id": self._id("cred", record.key),
            "identity_id": None if owner is None else self._id("nhi", owner),
            "status": record.status,
            "attributes": record.attributes,
        }

    def _grant(self, record: Grant) -> Row:
        what = (record.scope, record.role, record.action_class, record.via, record.acts_as or "")
        return self._unit() | {
            "grant_id": self._id("grant", record.identity, *what),
            "identity_id": self._id("nhi", record.identity),
            "actions": record.actions,
        }

    def _trust(self, record: Trust) -> Row:
        what = (record.identity, record.principal, str(record.statement))
        return self._unit() | {
            "trust_id": self._id("trust", *what),
            "identity_id": self._id("nhi", record.identity),
            "statement": record.statement,
        }

    def _claim(self, record: Claim) -> Row:
        of_account = record.subject == "account"
        what = (record.subject, record.key, record.signal, record.role, record.reference)
        return self._unit() | {
            "claim_id": self._id("claim", *what),
            "subject_id": account_id(self._header.provider, record.key)
            if of_account
            else self._id("nhi", record.key),
        }

    def _usage(self, record: Usage) -> Row:
        prefix = "nhi" if record.subject == "identity" else "cred"
        return self._unit() | {"subject_id": self._id(prefix, record.key)}

    def _coverage(self, record: Coverage) -> Row:
        return self._unit() | {
            "scan_id": self._header.scan_id,
            "calls": record.calls,
            "rows": record.rows,
            "optional": record.source in self._header.optional,
            "read_at": self._header.started_at.isoformat(),
        }


def unit_name(header: Header) -> str:
    """Name what was read: tenant/provider/account, or tenant/provider/plan:label."""
    plan = "plan:" if header.part == "plan" else ""
    return f"{header.tenant_id}/{header.provider}/{plan}{header.account}"
