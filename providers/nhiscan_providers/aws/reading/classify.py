"""Tells machines from people by the ordered rules aws-A5-01 to aws-A5-17; the first that fits wins.

Hints (names, tags, MFA) move only the confidence, which stands in the evidence. What was not read
makes an identity ambiguous, never a person and never a machine.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from nhiscan.records import Class
from nhiscan_providers.aws.reading.hints import Confidence, Hints, hints_of, moved
from nhiscan_providers.aws.reading.subjects import is_machine
from nhiscan_providers.aws.reading.trust import TrustReading

_RECENT = timedelta(days=90)
_LONG_AGO = timedelta(days=365)
_IN_USE = timedelta(days=30)


class Classification(Struct, frozen=True):
    """A class with the rule that decided it and, in words, the facts it rests on."""

    class_: Class
    rule: str
    evidence: str
    confidence: Confidence


class KeyFact(Struct, frozen=True):
    """An access key; `last_used` null means never, as its report says."""

    active: bool
    last_used: datetime | None


class UserFacts(Struct, frozen=True, kw_only=True):
    """What is known of an IAM user; null means not read, never none.

    `password_last_used` null with a password means that nobody signed in with it.
    `only_ses` is true when all that the user's policies allow is sending mail by SES.
    """

    name: str
    path: str = "/"
    tags: Mapping[str, str] = {}
    groups: Collection[str] | None = None
    has_password: bool | None
    password_last_used: datetime | None = None
    keys: Sequence[KeyFact] | None
    service_credentials: int | None
    ssh_keys: int | None = None
    mfa: bool | None = None
    only_ses: bool = False


class RoleFacts(Struct, frozen=True, kw_only=True):
    """What is known of a role; `trust` null means that its trust policy was not read.

    `people` are the ARNs of the account's users that are classed human.
    """

    name: str
    path: str = "/"
    tags: Mapping[str, str] = {}
    trust: Sequence[TrustReading] | None
    people: Collection[str] = ()


def classify_root() -> Classification:
    """Class the root user: a person's door (aws-A5-01)."""
    return _said("human", 1, "hard", "the account's root user; an access key of it is a finding")


def classify_role(role: RoleFacts) -> Classification:
    """Class a role by its path and by who may assume it (aws-A5-02 to 10).

    A trust of machine kinds only is a machine by the first of them; any other mixture is `mixed`.
    End users of an app are `mixed`: people use such a role, but a program makes them do it, and
    somebody must answer for it.
    """
    if role.path.startswith("/aws-service-role/"):
        return _said("platform", 2, "hard", "its path is that of service-linked roles: AWS runs it")
    if role.path.startswith("/aws-reserved/sso.amazonaws.com/"):
        return _said("human", 3, "hard", "its path is that of IAM Identity Center's roles")
    if role.trust is None:
        return _undecided("its trust policy was not read")
    unread = [reading for reading in role.trust if reading.verdict == "unknown"]
    if unread:
        return _undecided(f"part of its trust policy could not be read: {unread[0].reason}")
    live = [one for one in role.trust if one.verdict not in ("broken", "dangling")]
    if not live:
        return _undecided("nobody can assume it: no statement of its trust policy lets anyone in")
    hints = hints_of(role.name, role.path, role.tags)
    return _by_families(role, live, hints)


def classify_user(user: UserFacts, now: datetime) -> Classification:
    """Class a user by how it signs in (aws-A5-11 to 17)."""
    hints = hints_of(user.name, user.path, user.tags, user.groups, mfa=user.mfa)
    named = _by_name(user)
    if named is not None:
        return named
    if user.has_password is None:
        return _undecided("whether it has a password was not read")
    if not user.has_password:
        return _without_password(user, hints)
    if user.keys is None or user.service_credentials is None:
        return _undecided("it has a password, but its keys and other credentials were not all read")
    return _with_password(user, user.keys, now, hints)


def _by_families(role: RoleFacts, live: Sequence[TrustReading], hints: Hints) -> Classification:
    families: dict[int, set[str]] = {}
    for reading in live:
        families.setdefault(_family(reading), set()).add(reading.principal)
    first = min(families)
    evidence = "; ".join(
        f"{_FAMILIES[rule]}: {_listed(names)}" for rule, names in sorted(families.items())
    )
    if len(families) > 1 and not families.keys() <= _MACHINES:
        return _said("mixed", 10, "medium", f"several kinds may assume it: {evidence}", hints)
    match first:
        case 4:
            return _said("human", 4, "high", f"only {evidence}", hints)
        case 5:
            return _said("mixed", 5, "high", f"end users of an app: {evidence}", hints)
        case 6:
            known = all(
                is_machine(one.issuer or "") for one in live if one.principal_kind == "oidc"
            )
            return _said("machine", 6, "hard" if known else "medium", evidence, hints)
        case 7:
            return _service_role(families[7], evidence)
        case 8:
            return _said("machine", 8, "high", evidence, hints)
    if all(reading.principal_native_id in role.people for reading in live):
        return _said("human", 9, "low", f"only people of the account: {evidence}", hints)
    return _said("ambiguous", 9, "low", f"it depends on who assumes it: {evidence}", hints)


def _service_role(services: Collection[str], evidence: str) -> Classification:
    if any(service.startswith(("bedrock.", "bedrock-agentcore.")) for service in services):
        return _said("ai_agent", 7, "hard", f"an AI agent's role: {evidence}")
    return _said("machine", 7, "hard", evidence)


def _by_name(user: UserFacts) -> Classification | None:
    if user.name.startswith("BedrockAPIKey-"):
        return _said("machine", 11, "hard", "the console makes such users for Bedrock API keys")
    if user.service_credentials and user.has_password is False:
        return _said("machine", 11, "hard", "it has service-specific credentials and no password")
    mail = "the SMTP password is derived from an access key, so rotating means rotating the key"
    if user.name.startswith("ses-smtp-user."):
        return _said("machine", 12, "high", f"the SES console names users so; {mail}")
    if "AWSSESSendingGroupDoNotRename" in (user.groups or ()):
        return _said("machine", 12, "high", f"it is in SES's sending group; {mail}")
    if user.only_ses:
        return _said("machine", 12, "high", f"all it may do is send mail by SES; {mail}")
    return None


def _without_password(user: UserFacts, hints: Hints) -> Classification:
    held = [
        (len(user.keys or ()), "access key"),
        (user.service_credentials or 0, "service-specific credential"),
        (user.ssh_keys or 0, "SSH key"),
    ]
    counted = ", ".join(f"{count} {name}{'s'[: count != 1]}" for count, name in held if count)
    if counted:
        return _said("machine", 13, "high", f"no password; {counted}", hints)
    if user.keys is None or user.service_credentials is None:
        return _undecided("no password, but its keys and other credentials were not all read")
    return _said("ambiguous", 17, "low", "no password and no key: nothing can use it", hints)


def _with_password(
    user: UserFacts, keys: Sequence[KeyFact], now: datetime, hints: Hints
) -> Classification:
    signed_in = user.password_last_used
    used = max((key.last_used for key in keys if key.last_used), default=None)
    # spans, not dates: evidence is history, and must not change with every use
    door = f"password used {_span(signed_in, now)}"
    door += (
        f"; {len(keys)} access keys, last used {_span(used, now)}" if keys else "; no access key"
    )
    if signed_in is not None and now - signed_in <= _RECENT:
        return _signing_in(user, used is not None and now - used <= _RECENT, door, hints)
    unused = signed_in is None or now - signed_in > _LONG_AGO
    if unused and used is not None and now - used <= _IN_USE:
        return _said("machine", 16, "medium", f"a machine with a console door: {door}", hints)
    return _undecided(f"no rule fits: {door}")


def _signing_in(user: UserFacts, key_in_use: bool, door: str, hints: Hints) -> Classification:
    if key_in_use:
        evidence = f"a person with a machine's credential: {door}"
        return _said("mixed", 15, "medium", evidence, hints)
    if user.service_credentials or user.ssh_keys:
        evidence = f"a person with credentials whose use AWS does not record: {door}"
        return _said("mixed", 15, "low", evidence, hints)
    evidence = f"a person's user: {door}"
    return _said("human", 14, "medium" if user.keys else "high", evidence, hints)


def _family(reading: TrustReading) -> int:
    if reading.principal_kind in _KINDS:
        return _KINDS[reading.principal_kind]
    return 9 if reading.relation == "same_account" else 8


_KINDS = {"saml": 4, "end_users": 5, "oidc": 6, "service": 7}
_MACHINES = frozenset({6, 7, 8})
_FAMILIES = {
    4: "SAML provider",
    5: "identity provider of an app",
    6: "workload of an OIDC issuer",
    7: "AWS service",
    8: "outside principal",
    9: "principal of the own account",
}


def _said(
    class_: Class, rule: int, confidence: Confidence, evidence: str, hints: Hints | None = None
) -> Classification:
    if hints is not None and confidence != "hard":
        confidence = moved(confidence, class_, hints)
        evidence = "; ".join((evidence, *hints.texts()))
    return Classification(
        class_, f"aws-A5-{rule:02d}", f"{evidence}; confidence {confidence}", confidence
    )


def _undecided(why: str) -> Classification:
    return Classification("ambiguous", "aws-A5-00", f"{why}; confidence low", "low")


def _listed(names: Collection[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - 5} more" if len(ordered) > 5 else ""
    return ", ".join(ordered[:5]) + more


def _span(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    for span in (_IN_USE, _RECENT, _LONG_AGO):
        if now - moment <= span:
            return f"in the last {span.days} days"
    return f"more than {_LONG_AGO.days} days ago"
