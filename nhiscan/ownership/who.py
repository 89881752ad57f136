"""Finds the party whom somebody names on a command line or in a file, or says who is nearest."""

from difflib import get_close_matches

from nhiscan.config.model import Config, Party
from nhiscan.errors import UsageError
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.roster import everybody


class Directory:
    """The parties of a configuration, as each client may name them."""

    def __init__(self, config: Config) -> None:
        self._groups = {tenant.id: tenant.group for tenant in config.tenants}
        msp = self._groups.get(config.msp_id, config.msp_id)
        self._parties = {party.party_id: party for party in everybody(config)}
        self._roster = Roster(self._parties.values(), self._groups, msp)

    def find(self, reference: str, tenant_id: str) -> Party:
        """Return whom a tenant's `reference` names; UsageError says why nobody, and who is near."""
        group = self._groups.get(tenant_id, tenant_id)
        match = self._roster.match(reference, group)
        if match.party_id is not None:
            return self._parties[match.party_id]
        known = {
            word: party.party_id
            for party in self._parties.values()
            if self._roster.visible(party, group)
            for word in (party.party_id, party.name, party.email, *party.aliases)
            if word
        }
        near = get_close_matches(reference, known, n=3)
        hint = (
            f"did you mean {' or '.join(dict.fromkeys(known[word] for word in near))}?"
            if near
            else "add a row to a roster of the configuration"
        )
        raise UsageError(f"no party {reference!r} for tenant {tenant_id}: {match.why}", hint=hint)
