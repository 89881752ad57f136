-- comment: People, teams, mailboxes and vendors, from the rosters.
-- column party_id: Id from the roster.
-- column name: Name.
-- column kind: person, team, mailbox or vendor.
-- column org: msp, client:<tenant> or sub:<name>.
-- column employment: active, leave, notice, left or unknown.
-- column email: Address.
-- column aliases: Former and other addresses.
-- column since: Date since which the employment holds, if the roster gives one that has come.
-- column manager: Party id of the manager.
-- column agreement: The contract with a vendor, as the MSP's own list of vendors names it.
SELECT p.party_id, p.name, p.kind, p.org, p.employment, p.email, p.aliases, p.since,
    p.manager, p.agreement @span(p)
FROM party_version p
WHERE @at(p)
