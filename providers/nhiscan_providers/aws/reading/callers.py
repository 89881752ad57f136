"""Narrows the principals of a statement by its conditions: who of `*` or of an account may call."""

import re
from collections.abc import Sequence

from msgspec import Struct, structs

from nhiscan_providers.aws.reading.conditions import Value, hollow, required
from nhiscan_providers.aws.reading.documents import Condition
from nhiscan_providers.aws.reading.patterns import is_wild
from nhiscan_providers.aws.reading.principals import (
    Principal,
    account_principal,
    arn_principal,
    is_account,
)

_ACCOUNT, _ARN = "aws:PrincipalAccount", "aws:PrincipalArn"
_ORGANIZATION, _PATHS = "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")


class Caller(Struct, frozen=True):
    """Who may call, after narrowing. `flaws` say which conditions look as if they narrowed."""

    principal: Principal
    organization: str | None = None
    flaws: tuple[str, ...] = ()


def callers(
    principal: Principal, conditions: Sequence[Condition], partition: str
) -> tuple[Caller, ...]:
    """Narrow one AWS principal; one caller per value where several are accepted.

    Keys of the caller's own making (tags, session names) narrow nothing and are left alone.
    """
    organizations = _organizations(conditions)
    organization = organizations[0] if len(organizations) == 1 else None
    if principal.kind not in ("account", "public"):
        return (Caller(principal, organization),)
    whole = principal if principal.kind == "account" else None
    named = _named(conditions, partition, whole)
    if named is None:
        trouble = f"{_ARN} or {_ACCOUNT} demands a principal of another account"
        return (Caller(structs.replace(principal, trouble=trouble)),)
    if named:
        return tuple(Caller(one, organization) for one in named)
    if whole is not None:
        return (Caller(whole, organization),)
    if organizations:
        return tuple(Caller(Principal("organization", one), one) for one in organizations)
    return (Caller(principal, flaws=_flaws(conditions)),)


def _organizations(conditions: Sequence[Condition]) -> tuple[str, ...]:
    for key in (_ORGANIZATION, _PATHS):
        for test in required(conditions, key):
            # a path is o-…/r-…/ou-…/; a pattern that fixes no organization narrows nothing
            ids = [value.text.partition("/")[0] for value in test.values if not value.variable]
            if len(ids) == len(test.values) and all(map(_ORGANIZATION_ID.fullmatch, ids)):
                return tuple(dict.fromkeys(ids))
    return ()


def _named(
    conditions: Sequence[Condition], partition: str, within: Principal | None
) -> list[Principal] | None:
    """List the principals that conditions name, if every accepted value lies in a known account.

    Null if all that they name lies outside the account `within`, so that nobody can meet them.
    """
    for key in (_ARN, _ACCOUNT):
        for test in required(conditions, key):
            found = [_one(key, value, partition) for value in test.values]
            known = [one for one in found if one is not None]
            if len(known) != len(found):
                continue
            if within is not None:
                known = [one for one in known if one.account == within.account]
                if not known:
                    return None
                # the whole account named twice tells nothing new
                known = [one for one in known if one.kind != "account" or is_wild(one.name)]
            if known:
                return list(dict.fromkeys(known))
    return []


def _one(key: str, value: Value, partition: str) -> Principal | None:
    if value.variable:
        return None
    if key == _ACCOUNT:
        return account_principal(value.text, partition) if is_account(value.text) else None
    if not value.wild:
        return arn_principal(value.text)
    parts = value.text.split(":", 5)
    if len(parts) < 6 or not is_account(parts[4]):
        return None  # anyone can make a role of that name in an account of their own
    return Principal("account", value.text, parts[4])


def _flaws(conditions: Sequence[Condition]) -> tuple[str, ...]:
    found: list[str] = []
    for key in (_ORGANIZATION, _PATHS, _ACCOUNT, _ARN):
        found += [f"{one.key}: {one.why}" for one in hollow(conditions, key)]
        if required(conditions, key):
            found.append(f"{key} fixes no account or organization")
    return tuple(found)
