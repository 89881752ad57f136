"""Who made, consented to or asked for something, and whom texts name: the weaker claims."""

from collections.abc import Iterator, Mapping

from nhiscan.records import Claim
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.rows.owners import Named, People, addresses
from nhiscan_providers.azure.shapes.graph import Actor, Audited, Initiator
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import activity, applications, people, principals, roles

_SIGNALS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(activity.CREATED, ("S7", "created it")),
    **dict.fromkeys(activity.CREDENTIAL_ADDED, ("S8", "added a credential")),
    **dict.fromkeys(activity.CONSENTED, ("S18", "consented to it")),
    **dict.fromkeys(activity.GRANTED, ("S18", "gave it a permission")),
}


def audit_claims(directory: Directory, people_: People) -> Iterator[Claim]:
    """Claim what the audit log names for whoever did it; the latest event of a kind counts."""
    subjects = _subjects(directory)
    events = sorted(directory.used.audit, key=lambda one: one.activity_date_time or "")
    latest: dict[tuple[str, str, str], Claim] = {}
    for event in events:
        signal, did = _SIGNALS.get(event.activity_display_name or "", ("", ""))
        if not signal or low(event.result) == "failure":
            continue
        actor = _actor(event.initiated_by, people_)
        for subject in _targets(event, subjects) if actor else ():
            claim = _audited(event, subject, signal, did, actor) if actor else None
            if claim is not None:
                latest[subject, signal, claim.reference] = claim
    yield from latest.values()


def _audited(event: Audited, subject: str, signal: str, did: str, actor: Named) -> Claim:
    return Claim(
        subject="identity",
        key=subject,
        reference=actor.reference,
        signal=signal,
        role="operator",
        observed_at=moment(event.activity_date_time),
        by_machine=actor.by_machine,
        departed=actor.departed,
        evidence=f"audit log: {did}" + (f"; {actor.note}" if actor.note else ""),
        source=activity.AUDIT,
    )


def _subjects(directory: Directory) -> dict[str, list[str]]:
    """Map both objects of an application to both: what was done to one was done to the other."""
    found = {one: [one] for one in (*directory.kept, *directory.applications)}
    for key, application in directory.applications.items():
        principal = directory.principal_of(application.app_id)
        if principal is not None:
            pair = [key, low(principal.id)]
            found[key] = pair
            found[low(principal.id)] = pair
    return found


def _targets(event: Audited, subjects: Mapping[str, list[str]]) -> list[str]:
    """Find the identities an event is about; a resource whose permission was given is none."""
    ids = [low(one.id) for one in event.target_resources or ()]
    known = [one for one in ids if one in subjects]
    if event.activity_display_name in activity.GRANTED:
        known = known[-1:]
    return list(dict.fromkeys(other for one in known for other in subjects[one]))


def _actor(by: Initiator | None, people_: People) -> Named | None:
    if by is None:
        return None
    if by.user is not None and (by.user.id or by.user.user_principal_name):
        return _user(by.user, people_)
    machine = by.app or by.application
    if machine is not None and (machine.display_name or machine.app_id):
        return Named(machine.display_name or machine.app_id or "", by_machine=True)
    return None


def _user(one: Actor, people_: People) -> Named:
    if one.user_principal_name:
        return Named(one.user_principal_name)
    return people_.user(one.id or "")


def request_claims(directory: Directory, people_: People) -> Iterator[Claim]:
    """Claim principals for whoever asked for a role of theirs under a ticket."""
    for one in directory.held.requests:
        ticket = one.ticket_info.ticket_number if one.ticket_info else None
        subject = low(one.principal_id)
        by = one.created_by.user if one.created_by else None
        if not ticket or subject not in directory.kept or by is None or not by.id:
            continue
        named = people_.user(by.id)
        yield Claim(
            subject="identity",
            key=subject,
            reference=by.user_principal_name or named.reference,
            signal="S13",
            role="operator",
            observed_at=moment(one.created_date_time),
            departed=named.departed,
            evidence=f"asked for a directory role under ticket {ticket[:40]}",
            source=roles.REQUESTS,
        )


def text_claims(directory: Directory) -> Iterator[Claim]:
    """Claim applications for the addresses that their own texts name, and nothing else of those."""
    for key, one in directory.applications.items():
        for text in addresses(one.service_management_reference):
            yield _text(key, text, "S4", "serviceManagementReference", applications.APPLICATIONS)
        for text in addresses(one.notes):
            yield _text(key, text, "other", "notes", applications.APPLICATIONS)
    for key in directory.kept:
        principal = directory.principals[key]
        for text in addresses(principal.notes):
            yield _text(key, text, "other", "notes", principals.PRINCIPALS)
        for text in principal.notification_email_addresses or ():
            why = "receives notices of expiring certificates"
            yield _text(key, text, "other", why, principals.PRINCIPALS)


def _text(key: str, text: str, signal: str, evidence: str, source: str) -> Claim:
    return Claim(
        subject="identity",
        key=key,
        reference=text,
        signal=signal,
        role="operator",
        evidence=evidence,
        source=source,
    )


def contact_claims(directory: Directory) -> Iterator[Claim]:
    """Claim the directory as a whole for its technical and security contacts."""
    organization = directory.organization
    if organization is None:
        return
    kinds = (
        ("technical contact", organization.technical_notification_mails),
        ("security contact", organization.security_compliance_notification_mails),
    )
    for kind, addresses_ in kinds:
        for text in addresses_ or ():
            yield Claim(
                subject="account",
                key=directory.id,
                reference=text,
                signal="S12",
                role="accountable",
                evidence=f"{kind} of the directory",
                source=people.ORGANIZATION,
            )
