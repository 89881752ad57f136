"""Makes one unit's rows from all that was read: a project's, or the organization's own."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from nhiscan.records import AnyRecord, Usage
from nhiscan_providers.gcp.bindings import Held, Index, only_accounts
from nhiscan_providers.gcp.calls import POLICIES
from nhiscan_providers.gcp.facts import Facts, ServiceAccount
from nhiscan_providers.gcp.reading.members import Member
from nhiscan_providers.gcp.rows import accounts, claims, stored
from nhiscan_providers.gcp.rows.becoming import becoming
from nhiscan_providers.gcp.rows.grants import grants, privilege
from nhiscan_providers.gcp.rows.trusts import Here, account_trusts, federated_trust, guest_trust

_UNTOLD = "Google records last authentications of listed service accounts only"


class Share(Struct, frozen=True, kw_only=True):
    """What one unit's rows are made of; `place` is its resource name.

    `policies_whole` and `activity_asked` tell what an absence is worth.
    """

    account: str
    place: str
    organization: str | None
    domain: str | None
    facts: Facts
    index: Index
    now: datetime
    gone: bool
    policies_whole: bool
    activity_asked: bool

    @property
    def here(self) -> Here:
        """The unit, as trusts need it."""
        return Here(self.account, self.organization, self.domain)


def project_rows(share: Share) -> Iterator[AnyRecord]:
    """Yield everything of one project."""
    facts, index, project = share.facts, share.index, share.account
    inherited = index.inherited(project)
    for account in facts.of_project(project):
        yield from _account(share, account, inherited)
    for pool in sorted(facts.pools.values(), key=lambda one: one.name):
        if pool.project == project:
            yield from stored.pool(pool)
    listed = set()
    for agent in sorted(facts.agents.get(project, ()), key=lambda one: one.name):
        text = f"principal://{agent.identity}" if agent.identity else ""
        listed.add(text)
        held = index.of_member.get(text, ())
        yield from stored.agent(agent, facts, privilege(held, whole=share.policies_whole))
        if text:
            yield from _grants(share, text, text, held)
    for api_key in sorted(facts.api_keys.get(project, ()), key=lambda one: one.name):
        yield from stored.api_key(api_key, facts)
    yield from _members(share, [m for m in index.homes[share.place] if m.text not in listed])
    yield from _bound_here(share, (share.place,))
    yield from claims.contacts(project, share.place, facts)
    yield from claims.owners(project, share.place, index)
    names = [one.name for one in facts.api_keys.get(project, ()) if one.deleted is None]
    yield from claims.creators(project, facts.creations, facts, names)


def organization_rows(share: Share) -> Iterator[AnyRecord]:
    """Yield what belongs to the organization and to no project: guests above projects, contacts."""
    index = share.index
    yield from _members(share, index.homes[share.place])
    places = [place for place in sorted(index.guests) if not place.startswith("projects/")]
    places += [p for p in index.on_place if not p.startswith("projects/") and p not in places]
    yield from _bound_here(share, sorted(places))
    yield from claims.contacts(share.account, share.place, share.facts)
    yield from claims.owners(share.account, share.place, index)


def _account(
    share: Share, account: ServiceAccount, inherited: Sequence[Held]
) -> Iterator[AnyRecord]:
    facts, index = share.facts, share.index
    held = index.grants(account)
    power = privilege(held, whole=share.policies_whole)
    yield accounts.identity(account, power, gone=share.gone)
    yield accounts.usage(
        "identity", account.unique_id, account.unique_id, account.created, facts.account_activity,
        asked=share.activity_asked,
    )  # fmt: skip
    yield from grants(account.unique_id, share.account, share.organization, held)
    text = f"serviceAccount:{account.email}"
    yield from becoming(account.unique_id, share.account, held, facts, index, text)
    yield from account_trusts(account, inherited, facts, index, share.here)
    yield from accounts.keys(
        account, facts.keys.get(account.email, ()), facts.key_activity, share.now,
        asked=share.activity_asked,
    )  # fmt: skip
    yield from accounts.hmac_keys(account, facts.hmac_keys.get(account.email, ()))
    yield from claims.of_account(account, index)


def _members(share: Share, members: Iterable[Member]) -> Iterator[AnyRecord]:
    """Describe machines of this place that only bindings show.

    A federated principal that may only act as accounts is told of by their trusts, and is no
    identity of its own.
    """
    for member in sorted(members, key=lambda one: one.text):
        held = share.index.of_member[member.text]
        if member.kind == "federated" and only_accounts(held):
            continue
        yield from _bound(share, member, held, None)
        if member.kind == "federated":
            yield from federated_trust(member.address, member, share.facts)


def _bound_here(share: Share, places: Sequence[str]) -> Iterator[AnyRecord]:
    """Describe guests that are bound in these places, with what they hold there, and the gone."""
    guests = {m.text: m for place in places for m in share.index.guests.get(place, ())}
    for text, member in sorted(guests.items()):
        held = [h for h in share.index.of_member[text] if h.binding.scope.place in places]
        home = share.facts.project(member.project) or member.project or member.organization
        yield from _bound(share, member, held, home)
        if home is not None or member.kind != "service_agent":
            yield guest_trust(member.address, member, share.facts)
    for member in share.index.deleted:
        held = [h for h in share.index.of_member[member.text] if h.binding.scope.place in places]
        key = member.unique_id or member.address
        yield from grants(key, share.account, share.organization, held, principal=member.text)


def _bound(
    share: Share, member: Member, held: Sequence[Held], home: str | None
) -> Iterator[AnyRecord]:
    power = privilege(held, whole=share.policies_whole)
    yield accounts.bound(member, power, home, POLICIES)
    yield Usage(
        subject="identity", key=member.address, usage="unsupported", note=_UNTOLD, source=POLICIES,
    )  # fmt: skip
    yield from _grants(share, member.address, member.text, held)


def _grants(share: Share, key: str, text: str, held: Sequence[Held]) -> Iterator[AnyRecord]:
    yield from grants(key, share.account, share.organization, held)
    yield from becoming(key, share.account, held, share.facts, share.index, text)
