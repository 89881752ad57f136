"""Judges the users of an account: which credentials each has, who it is, what it may do."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from nhiscan.ledger import Ledger
from nhiscan.records import AnyRecord
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.facts import Facts, by_user
from nhiscan_providers.aws.hints import Git, Hints
from nhiscan_providers.aws.reading.becoming import OpeningReader
from nhiscan_providers.aws.reading.capabilities import Capabilities, CapabilityReader
from nhiscan_providers.aws.reading.classify import (
    Classification,
    KeyFact,
    UserFacts,
    classify_user,
)
from nhiscan_providers.aws.rows import principals
from nhiscan_providers.aws.rows.user_credentials import (
    from_report,
    listed,
    match_ids,
    user_usage,
)
from nhiscan_providers.aws.sources.authorization import User
from nhiscan_providers.aws.sources.credential_report import Key, Row
from nhiscan_providers.aws.sources.user_credentials import (
    ACCESS_KEYS,
    SSH_KEYS,
    Listed,
    read_access_keys,
    read_ssh_keys,
)

# A key is asked for its id where one of these would make it a finding: the defaults of the policy
# thresholds access_key_max_age, dormant_days and never_used_days.
_OLD = timedelta(days=90)
_UNUSED = timedelta(days=90)
_NEVER_USED = timedelta(days=30)
# Most users to ask for SSH keys whose policies do not name CodeCommit: an account of 2,500
# identities takes 21 calls without them, and its verdicts shall cost at most 25.
_MOST_WIDE = 3


class Judged(Struct, frozen=True):
    """One user with all that was found of it; `ssh` null: not asked, though it could have keys."""

    user: User
    row: Row | None
    powers: Capabilities
    class_: Classification
    service_specific: list[Listed]
    ssh: list[Listed] | None


class Users:
    """All users of an account whose facts are complete."""

    def __init__(self, access: Access, ledger: Ledger, facts: Facts, now: datetime) -> None:
        self._access = access
        self._ledger = ledger
        self._facts = facts
        self._now = now
        self.judged: list[Judged] = []

    def judge(self, reader: CapabilityReader) -> None:
        """Read what each may do and, where it may use CodeCommit, its SSH keys; class each."""
        details, hints = self._facts.details, Hints()
        users = [user for user in details.users.values() if details.ready(user)]
        policies = {user.name: details.policies_of(user) for user in users}
        ssh = self._ssh_keys({name: hints.git(found) for name, found in policies.items()})
        for user in users:
            self.judged.append(
                self._judge(
                    user,
                    reader.read(policies[user.name], details.boundary_of(user)),
                    ssh[user.name],
                    only_ses=hints.only_mail(policies[user.name]),
                )
            )

    def rows(self, reader: OpeningReader) -> Iterator[AnyRecord]:
        """Yield everything about each user."""
        details = self._facts.details
        ids = self._key_ids()
        report, account = self._facts.report, self._account
        for one in self.judged:
            user, row = one.user, one.row
            facts = {} if row is None or row.mfa is None else {"mfa": row.mfa}
            yield principals.identity(
                user,
                "user",
                one.class_,
                one.powers,
                _enabled(one),
                {**facts, "groups": user.groups},
            )
            yield from principals.grants(user, one.powers, account)
            found = reader.read(details.policies_of(user), details.boundary_of(user))
            yield from principals.openings(user, found)
            yield user_usage(user.id, row, report, self._untraced(one))
            if row is not None and report is not None:
                matched = match_ids(row.keys, ids[user.name]) if user.name in ids else None
                yield from from_report(user.id, row, report, matched)
            yield from listed(user.id, one.service_specific, "service_specific")
            yield from listed(user.id, one.ssh or (), "ssh_key")

    @property
    def _account(self) -> str:
        return self._access.account

    def _judge(
        self, user: User, powers: Capabilities, ssh: list[Listed] | None, *, only_ses: bool
    ) -> Judged:
        row = self._row(user)
        specific = self._facts.service_specific.get(user.name, [])
        known = self._facts.service_specific_reading.complete
        facts = UserFacts(
            name=user.name,
            path=user.path,
            tags=user.tags,
            groups=user.groups,
            has_password=row.password if row else None,
            password_last_used=row.password_used if row else None,
            keys=[KeyFact(key.active, key.used) for key in row.keys] if row else None,
            service_credentials=len(specific) if specific or known else None,
            ssh_keys=None if ssh is None else len(ssh),
            mfa=row.mfa if row else None,
            only_ses=only_ses,
        )
        return Judged(user, row, powers, classify_user(facts, self._now), specific, ssh)

    def _row(self, user: User) -> Row | None:
        """Find the report's row of this very user, not of a namesake that was deleted since."""
        row = self._facts.report.rows.get(user.name) if self._facts.report else None
        if row and row.created and user.created:
            same = abs(row.created - user.created) < timedelta(seconds=2)
            return row if same else None
        return row

    def _untraced(self, one: Judged) -> int | None:
        """Count the credentials whose use leaves no trace; null where they were not all listed."""
        certificates = len(one.row.certificates) if one.row else 0
        count = certificates + len(one.service_specific) + len(one.ssh or ())
        complete = self._facts.service_specific_reading.complete and one.ssh is not None
        return count if count or complete else None

    def _ssh_keys(self, powers: dict[str, Git]) -> dict[str, list[Listed] | None]:
        """Ask the users whose policies name CodeCommit for their SSH keys.

        Of those who may use it as one of many services only a few are asked; first those of whom
        nothing else was ever seen in use, because there the answer decides whether they are in use
        at all. Null for the rest, and from where a call failed; empty for who may not use any.
        """
        reading = self._ledger.open(SSH_KEYS)
        if not self._facts.details.whole:
            reading.mark("partial", "the users were not all read")
        wide = {name for name, power in powers.items() if power == "wide"}
        few = sorted(wide, key=lambda name: (not self._never_seen(name), name))[:_MOST_WIDE]
        asked = sorted({*few, *(name for name, power in powers.items() if power == "named")})
        answers = read_ssh_keys(self._access, reading, asked)
        found, answered = by_user(answers.found), answers.users
        if left := len(wide) - len(few):
            who = f"{left} users who may use CodeCommit as one of many services"
            reading.mark("partial", f"asked {len(asked)} users; not asked: {who}")
        reading.note(f"asked the {len(asked)} users who may use CodeCommit")
        unknown = (wide | set(asked)) - answered
        return {name: None if name in unknown else found.get(name, []) for name in powers}

    def _never_seen(self, name: str) -> bool:
        row = self._facts.report.rows.get(name) if self._facts.report else None
        if row is None or row.password_used or any(key.used for key in row.keys):
            return False
        return bool(row.password or row.keys)

    def _key_ids(self) -> dict[str, list[Listed]]:
        reading = self._ledger.open(ACCESS_KEYS)
        choice = self._access.options.key_ids
        if choice == "never":
            reading.note("not asked: `key_ids` is never")
            return {}
        if self._facts.report is None or not self._facts.details.whole:
            reading.mark("partial", "which users have keys was not fully read")
        asked = sorted(
            one.user.name
            for one in self.judged
            if one.row and one.row.keys and (choice == "all" or has_key_finding(one, self._now))
        )
        if choice == "findings":
            reading.note(f"asked the {len(asked)} users whose key has a finding")
        return by_user(read_access_keys(self._access, reading, asked).found)


def has_key_finding(one: Judged, now: datetime) -> bool:
    """Tell whether a key of the user would have a finding: old, unused, double or powerful."""
    active = [key for key in one.row.keys if key.active] if one.row else []
    if len(active) > 1 or (active and one.powers.privilege == "admin"):
        return True
    return any(_stale(key, now) for key in active)


def _stale(key: Key, now: datetime) -> bool:
    if key.changed is None:
        return True
    age = now - key.changed
    idle = now - key.used > _UNUSED if key.used else age > _NEVER_USED
    return age > _OLD or idle


def _enabled(one: Judged) -> bool | None:
    """Tell whether any credential of the user works; null where they are not all known."""
    row = one.row
    if row is None:
        return None
    works = row.password or any(key.active for key in row.keys)
    works = works or any(certificate.active for certificate in row.certificates)
    works = works or any(found.status == "active" for found in one.service_specific)
    if works or any(found.status == "active" for found in one.ssh or ()):
        return True
    return None if one.ssh is None else False
