"""Makes the rows of users and roles: identity, grants, trust and use."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from nhiscan.records import Credential, Grant, Identity, Trust, Usability, Usage
from nhiscan_providers.aws.reading.becoming import Opening
from nhiscan_providers.aws.reading.capabilities import Capabilities
from nhiscan_providers.aws.reading.classify import Classification
from nhiscan_providers.aws.reading.trust import TrustReading
from nhiscan_providers.aws.sources.authorization import SOURCE, Principal, Role

# RoleLastUsed covers the trailing 400 days (IAM API reference, RoleLastUsed).
WINDOW_DAYS = 400
NOT_LATELY = "not in the last 400 days"
_MOST_NAMES = 10
_SERVICE_LINKED = "AWS does not record all uses of service-linked roles"


def identity(
    principal: Principal,
    kind: Literal["user", "role"],
    class_: Classification,
    powers: Capabilities,
    enabled: bool | None,
    facts: Mapping[str, Any],
) -> Identity:
    """Describe a user or role; `facts` are further attributes, left out where null or empty."""
    attributes = {
        "path": principal.path,
        "confidence": class_.confidence,
        "privilege_reason": powers.privilege_reason,
        "boundary": principal.boundary,
        **facts,
    }
    return Identity(
        key=principal.id,
        kind=kind,
        native_type=f"aws.iam.{kind}",
        native_id=principal.arn,
        immutable_id=principal.id,
        name=principal.name,
        class_=class_.class_,
        class_rule=class_.rule,
        class_evidence=class_.evidence,
        enabled=enabled,
        created_at=principal.created,
        privilege=powers.privilege,
        tags=principal.tags,
        attributes={name: value for name, value in attributes.items() if value not in (None, ())},
        source=SOURCE,
    )


def grants(principal: Principal, powers: Capabilities, account: str) -> Iterator[Grant]:
    """List what a principal may do, one row per policy and class of actions."""
    for power in powers.powers:
        yield Grant(
            identity=principal.id,
            scope=power.scope,
            scope_account=_foreign(power.acts_as, account),
            role=power.policy,
            action_class=power.action_class,
            verdict=power.verdict,
            via=power.via,
            actions=list(power.actions),
            acts_as=power.acts_as,
            source=SOURCE,
        )


def openings(principal: Principal, found: Iterable[Opening]) -> Iterator[Grant]:
    """List whom a principal could become by making itself a way in, one row per way and pattern."""
    for one in found:
        yield Grant(
            identity=principal.id,
            scope=one.acts_as,
            role=_listed(policy.name for policy in one.policies),
            action_class="iam",
            verdict=one.verdict,
            via=_listed(policy.via for policy in one.policies),
            actions=list(one.actions),
            acts_as=one.acts_as,
            way=one.way,
            services=list(one.services),
            source=SOURCE,
        )


def trusts(role: Role, readings: list[TrustReading]) -> Iterator[Trust]:
    """List who may become a role."""
    for one in readings:
        yield Trust(
            identity=role.id,
            principal=one.principal,
            principal_kind=one.principal_kind,
            principal_account=one.principal_account,
            principal_organization=one.principal_organization,
            principal_native_id=one.principal_native_id,
            relation=one.relation,
            guard=one.guard,
            guard_fingerprint=one.guard_fingerprint,
            verdict=one.verdict,
            reason=one.reason,
            statement=one.statement,
            source=SOURCE,
        )


def federated(role: Role, readings: list[TrustReading]) -> Iterator[Credential]:
    """List the outside workloads that prove a role, once each."""
    found: dict[str, Credential] = {}
    for one in readings:
        if one.principal_kind != "oidc" or one.verdict == "broken":
            continue
        for subject in one.subjects:
            if subject.fingerprint is None:
                continue
            found[subject.fingerprint] = Credential(
                key=f"{role.id}/federated/{subject.fingerprint[:24]}",
                identity=role.id,
                kind="federated_trust",
                fingerprint=subject.fingerprint,
                status="active",
                created_at=None,
                attributes={
                    "issuer": one.issuer,
                    "subject": subject.pattern,
                    "grade": subject.grade,
                    "audience": list(one.audience),
                },
                source=SOURCE,
            )
    yield from found.values()


def role_usage(role: Role, now: datetime, *, service_linked: bool) -> Usage:
    """Say when a role was last used, within what RoleLastUsed can see."""
    young = role.created is not None and now - role.created < timedelta(days=WINDOW_DAYS)
    state: Usability
    note = None
    if role.last_used is not None:
        state = "known"
    elif service_linked:
        state, note = "unknown", _SERVICE_LINKED
    elif young:
        state, note = "never", "never seen since it was created"
    else:
        state, note = "unknown", NOT_LATELY
    return Usage(
        subject="identity",
        key=role.id,
        usage=state,
        last_used_at=role.last_used,
        used_region=role.last_region,
        window_days=WINDOW_DAYS,
        read_at=now,
        note=note,
        source=SOURCE,
    )


def _listed(names: Iterable[str]) -> str:
    """Name a few of many, each once: a hostile account may hold thousands."""
    known = list(dict.fromkeys(names))
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    return ", ".join(known[:_MOST_NAMES]) + more


def _foreign(pattern: str | None, account: str) -> str | None:
    parts = (pattern or "").split(":", 5)
    if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() and parts[4] != account:
        return parts[4]
    return None
