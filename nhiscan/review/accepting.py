"""Writes the rows of exceptions.yaml that owners ask for when they answer `accept`."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import structs

from nhiscan.answers.decisions import Decision
from nhiscan.config.model import Accepted, Config
from nhiscan.matrix.read import joined, read_matrix
from nhiscan.ownership.roster import everybody
from nhiscan.review.entitled import approvers, fits, whom
from nhiscan.review.exceptions import next_id, row
from nhiscan.text import printable, shortened

# Until when, where the answer does not say: long enough to mend, and it comes up again.
DAYS = 90
NOBODY = "TO BE NAMED"


def asked_for(config: Config, decisions: Iterable[Decision], today: date) -> Iterator[str]:
    """Yield lines to paste into exceptions.yaml: comments and one row for each rule and subject.

    Whoever answered stands as the one who accepts only if it is theirs to accept.
    """
    matrix = read_matrix(config)
    parties = {party.party_id: party for party in everybody(joined(config, matrix))}
    groups: dict[tuple[str, ...], list[Decision]] = {}
    for one in decisions:
        found = one.finding
        key = (found.tenant_id, found.rule, found.identity_id or "", found.instance_id or "")
        groups.setdefault(key, []).append(one)
    for (tenant_id, rule, identity, instance), alike in groups.items():
        one = alike[0]
        tenant = config.tenant(tenant_id)
        for each in alike:
            title = printable(shortened(each.finding.title, 120))
            yield f"  # {each.finding.finding_id}: {title}"
        if tenant is None or not (identity or instance):
            yield f"  # about no identity or instance: a row would accept all {rule} of {tenant_id}"
            continue
        orgs = approvers(matrix, instance or None, tenant)
        acceptor = parties.get(one.decided_by)
        entitled = acceptor is not None and fits(config, acceptor, orgs, tenant)
        if not entitled:
            who = printable(shortened(one.decided_by, 60))
            yield f"  # not {who}'s to accept: it is for {whom(orgs, tenant)} who is here"
        accepted = Accepted(
            exception_id=next_id(config, today),
            tenant_id=tenant_id,
            rule=rule,
            identity=identity or None,
            instance_id=instance or None,
            reason=one.comment or "TO BE SAID",
            requested_by=one.decided_by,
            accepted_by=one.decided_by if entitled else NOBODY,
            granted_at=today,
            expires_at=one.defer_until or today + timedelta(days=DAYS),
            file="",
            line=0,
        )
        config = structs.replace(config, exceptions=(*config.exceptions, accepted))
        yield f"  - {row(accepted)}"
