"""Reads what the inventory may lack of keys: why disabled, whether exposed, what is uploaded."""

import base64
from collections.abc import Sequence
from hashlib import sha256

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.facts import Facts, Key, ServiceAccount
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.sources.direct import read_api_keys, read_keys

# The most accounts whose keys are asked about unless everybody's are, and uploaded keys as many.
BUDGET = 12
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


def read_details(
    access: Access, reading: Reading, accounts: Sequence[ServiceAccount], facts: Facts
) -> None:
    """Ask IAM itself about keys, as far as the entry's `key_details` goes; never raises."""
    wanted = access.options.key_details
    if wanted == "never":
        reading.mark("partial", "not asked: `key_details` is never")
        return
    _believe(accounts, facts)
    with_keys = [one for one in accounts if any(not key.told for key in facts.keys[one.email])]
    asked = with_keys if wanted == "all" else [o for o in with_keys if _doubtful(facts, o)][:BUDGET]
    try:
        for one in asked:
            _account(access, reading, one, facts)
        uploaded = [(one, key) for one in accounts for key in facts.keys[one.email] if key.uploaded]
        for one, key in uploaded if wanted == "all" else uploaded[:BUDGET]:
            _public_half(access, reading, one, key)
        silent = _api_keys(access, reading, facts, everywhere=wanted == "all")
    except Fault as fault:
        reading.failed(fault)
        return
    if silent:
        reading.mark(
            "partial",
            f"projects whose API keys were not asked whether they act as an account: {silent};"
            " `key_details: all` asks about all",
        )
    left = len(with_keys) - len(asked)
    if left:
        reading.mark(
            "partial",
            f"accounts with keys that were not asked about: {left}; the inventory shows none of"
            " their keys as disabled; `key_details: all` asks about all",
        )


def _api_keys(access: Access, reading: Reading, facts: Facts, *, everywhere: bool) -> int:
    """Ask which API keys act as accounts, unless the inventory tells; return the projects left."""
    if any(key.account for keys in facts.api_keys.values() for key in keys):
        return 0
    wanted = sorted(
        project
        for project, keys in facts.api_keys.items()
        if any(not key.account_told and key.deleted is None for key in keys)
    )
    asked = wanted if everywhere else wanted[:BUDGET]
    for project in asked:
        read_api_keys(access, reading, project, facts)
    return len(wanted) - len(asked)


def _believe(accounts: Sequence[ServiceAccount], facts: Facts) -> None:
    """Where the inventory gives a reason for every disabled key, take it to know of all keys."""
    keys = [key for one in accounts for key in facts.keys[one.email]]
    if any(key.told for key in keys) and all(key.told for key in keys if key.disabled):
        for key in keys:
            key.told = True


def _doubtful(facts: Facts, one: ServiceAccount) -> bool:
    return any(key.disabled and not key.told for key in facts.keys[one.email])


def _account(access: Access, reading: Reading, one: ServiceAccount, facts: Facts) -> None:
    known = {key.id: key for key in facts.keys[one.email]}
    fresh = Facts()
    try:
        read_keys(access, reading, one.email, one.project, fresh)
    except Fault as fault:
        if fault.kind != "missing":  # gone since the inventory saw it
            raise
        return
    for key in fresh.keys[one.email]:
        if key.id in known:
            before = known[key.id]
            before.disabled, before.told = key.disabled, True
            before.disable_reason, before.exposed = key.disable_reason, key.exposed
    for key in known.values():
        key.told = True


def _public_half(access: Access, reading: Reading, one: ServiceAccount, key: Key) -> None:
    """Hash the public key of an uploaded pair: equal wherever the same pair was uploaded."""
    name = f"projects/{one.project}/serviceAccounts/{one.email}/keys/{key.id}"
    params = {"publicKeyType": "TYPE_RAW_PUBLIC_KEY"}
    try:
        page = access.call(reading, "iam", "GetServiceAccountKey", {"name": name}, params=params)
    except Fault as fault:
        if fault.kind != "missing":
            raise
        return
    reading.pages += 1
    key.fingerprint = _spki(str(page.get("publicKeyData", "")))


def _spki(data: str) -> str | None:
    """Hash the SubjectPublicKeyInfo in base64 of PEM, or null if it is not one."""
    try:
        text = base64.b64decode(data, validate=True).decode("ascii")
        middle = text.partition(_BEGIN)[2].partition(_END)[0]
        der = base64.b64decode("".join(middle.split()), validate=True)
    except ValueError:  # no base64, or no text in it
        return None
    return sha256(der).hexdigest() if der else None
