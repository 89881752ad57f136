-- Whom mails are for: owners, backups, and those whom owners report to.
SELECT party_id, name, email, kind, org, employment, manager FROM parties
