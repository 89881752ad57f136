"""Turns a unit's records into lines that DuckDB loads: ids and digest, then the record's fields."""

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
)
from nhiscan.spool import Header
from nhiscan.store.ids import Ids


class Rows:
    """Makes lines of one unit's records. The unit's header alone says whose they are.

    A line is the record's own canonical encoding (never the bytes of the file, in which a key may
    stand twice) with `_id`, the row's id, `_owner`, the id of the identity it belongs to or empty,
    and `_digest` before it. The digest is 64 bits of BLAKE2b over that encoding: defaults are left
    out of it, so it stays the same when a later version adds a field with a default.
    """

    def __init__(self, header: Header) -> None:
        self._part = header.part
        self._ids = Ids(header.tenant_id, header.provider, header.account)
        self._encode = msgspec.json.Encoder(order="deterministic").encode
        self._makers: dict[type, Callable[[Any], tuple[str, str]]] = {
            Account: self._account,
            Identity: self._identity,
            Credential: self._credential,
            Grant: self._grant,
            Trust: self._trust,
            Claim: self._claim,
            Usage: self._usage,
            Coverage: self._coverage,
        }

    def line(self, record: AnyRecord) -> bytes:
        """Return the record's line, newline included."""
        row_id, owner = self._makers[type(record)](record)
        encoded = self._encode(record)
        digest = int.from_bytes(blake2b(encoded, digest_size=8).digest(), "big")
        head = f'{{"_id":"{row_id}","_owner":"{owner}","_digest":{digest},'
        return head.encode("ascii") + encoded[1:] + b"\n"

    def _account(self, record: Account) -> tuple[str, str]:
        if record.tenant_id is not None and self._part != "plan":
            raise SpoolError(
                f"a collected unit speaks of an account of tenant {record.tenant_id!r}"
            )
        return self._ids.make("acct", record.native_id), ""

    def _identity(self, record: Identity) -> tuple[str, str]:
        return self._ids.make("nhi", record.key), ""

    def _credential(self, record: Credential) -> tuple[str, str]:
        owner = record.identity
        identity_id = "" if owner is None else self._ids.make("nhi", owner)
        return self._ids.make("cred", record.key), identity_id

    def _grant(self, record: Grant) -> tuple[str, str]:
        where = (record.scope_account or "", record.scope)
        what = (record.role, record.action_class, record.via, record.acts_as or "")
        grant_id = self._ids.make("grant", record.identity, *where, *what)
        return grant_id, self._ids.make("nhi", record.identity)

    def _trust(self, record: Trust) -> tuple[str, str]:
        who = (record.principal_kind, record.principal, str(record.statement))
        trust_id = self._ids.make("trust", record.identity, *who)
        return trust_id, self._ids.make("nhi", record.identity)

    def _claim(self, record: Claim) -> tuple[str, str]:
        what = (record.subject, record.key, record.signal, record.role, record.reference)
        owner = self._ids.make("nhi", record.key) if record.subject == "identity" else ""
        return self._ids.make("claim", *what), owner

    def _usage(self, record: Usage) -> tuple[str, str]:
        return self._ids.make("nhi" if record.subject == "identity" else "cred", record.key), ""

    def _coverage(self, record: Coverage) -> tuple[str, str]:
        return self._ids.make("cover", record.source, record.region), ""


def unit_name(header: Header) -> str:
    """Name what was read: tenant/provider/account, or tenant/provider/plan:label."""
    plan = "plan:" if header.part == "plan" else ""
    return f"{header.tenant_id}/{header.provider}/{plan}{header.account}"
