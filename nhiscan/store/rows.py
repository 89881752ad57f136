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
        ids = Ids(header.tenant_id, header.provider, header.account)
        self._one, self._many = ids.one, ids.many
        self._encode = msgspec.json.Encoder(order="deterministic").encode
        self._digest = blake2b(digest_size=8)
        self._makers: dict[type, Callable[[Any], tuple[bytes, bytes]]] = {
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
        digest = self._digest.copy()
        digest.update(encoded)
        number = int.from_bytes(digest.digest(), "big")
        return b'{"_id":"%b","_owner":"%b","_digest":%d,%b\n' % (row_id, owner, number, encoded[1:])

    def _account(self, record: Account) -> tuple[bytes, bytes]:
        if record.tenant_id is not None and self._part != "plan":
            raise SpoolError(
                f"a collected unit speaks of an account of tenant {record.tenant_id!r}"
            )
        return self._one(b"acct_", record.native_id), b""

    def _identity(self, record: Identity) -> tuple[bytes, bytes]:
        whole = record.part_of
        return self._one(b"nhi_", record.key), b"" if whole is None else self._one(b"nhi_", whole)

    def _credential(self, record: Credential) -> tuple[bytes, bytes]:
        owner = record.identity
        return self._one(b"cred_", record.key), b"" if owner is None else self._one(b"nhi_", owner)

    def _grant(self, record: Grant) -> tuple[bytes, bytes]:
        where = (record.scope_account or "", record.scope)
        what = (record.role, record.action_class, record.via, record.acts_as or "")
        way = () if record.way == "assume" else (record.way,)
        grant_id = self._many(b"grant_", record.identity, *where, *what, *way)
        return grant_id, self._one(b"nhi_", record.identity)

    def _trust(self, record: Trust) -> tuple[bytes, bytes]:
        who = (record.principal_kind, record.principal, str(record.statement))
        trust_id = self._many(b"trust_", record.identity, *who)
        return trust_id, self._one(b"nhi_", record.identity)

    def _claim(self, record: Claim) -> tuple[bytes, bytes]:
        what = (record.subject, record.key, record.signal, record.role, record.reference)
        of_identity = record.subject == "identity"
        return self._many(b"claim_", *what), self._one(b"nhi_", record.key) if of_identity else b""

    def _usage(self, record: Usage) -> tuple[bytes, bytes]:
        prefix = b"nhi_" if record.subject == "identity" else b"cred_"
        return self._one(prefix, record.key), b""

    def _coverage(self, record: Coverage) -> tuple[bytes, bytes]:
        return self._many(b"cover_", record.source, record.region), b""


def unit_name(header: Header) -> str:
    """Name what was read: tenant/provider/account, or tenant/provider/plan:label."""
    plan = "plan:" if header.part == "plan" else ""
    return f"{header.tenant_id}/{header.provider}/{plan}{header.account}"
