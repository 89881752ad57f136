"""Parts that OSCAL documents share: ids, texts, people, the catalogue, risks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from nhiscan.export.ocsf_objects import filled, iso
from nhiscan.text import printable

VERSION = "1.2.0"
NAMESPACE = "https://nhiscan.example/ns/oscal"
ROLES = {
    "owner": "Accountable for a control",
    "backup": "Stands in for an owner",
    "approver": "Approves for the client",
    "custodian": "Keeps the evidence",
    "signatory": "Signed the split of duties",
}
# OSCAL has no status for what nobody could read: that it is looked into is what comes nearest.
_RISK = {
    "open": "open",
    "unknown": "investigating",
    "accepted": "deviation-approved",
    "resolved": "closed",
}
_SPECIAL = re.compile(r"([\\`*_\[\]<>{}#|!])")
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")

Part = dict[str, Any]
Row = Mapping[str, Any]


def uuid(*names: str) -> str:
    """Return the same id for the same thing in every document (UUIDv5), so that reruns diff."""
    return str(uuid5(NAMESPACE_URL, "\n".join((NAMESPACE, *names))))


def markup(value: str) -> str:
    """Write text of others where OSCAL takes Markdown: it stays text, on one line."""
    return _SPECIAL.sub(r"\\\1", printable(value)).strip() or "-"


def prop(name: str, value: Any) -> Part | None:
    """Write a property in our namespace; null for a value that is unknown."""
    told = printable(str(value)).strip() if value is not None else ""
    return {"name": name, "ns": NAMESPACE, "value": told} if told else None


def props(**values: Any) -> list[Part]:
    """Write those properties that have a value; `_` in a name stands for `-`."""
    made = (prop(name.replace("_", "-"), value) for name, value in values.items())
    return [one for one in made if one]


def token(text: str) -> str:
    """Write an id as OSCAL takes one; where that changes it, a part of its UUID keeps it unique."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9._-]*", text):
        return text
    return f"i_{_NO_TOKEN.sub('-', text)}_{uuid('token', text)[:8]}"


class People:
    """Who is named in a document: parties and their roles, in the order of their ids."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._known = {row["party_id"]: row for row in rows}
        self._roles: dict[str, set[str]] = {}

    def named(self, role: str, party_id: str | None) -> list[Part]:
        """Note that a party has a role and return it as responsible; nobody is an empty list."""
        if party_id is None or party_id not in self._known:
            return []
        self._roles.setdefault(role, set()).add(party_id)
        return [{"role-id": role, "party-uuids": [uuid("party", party_id)]}]

    def known(self, party_id: str | None) -> str | None:
        """Return the id of a party that the document may name, else null."""
        return party_id if party_id in self._known else None

    def metadata(self) -> Part:
        """Return what the metadata says of them."""
        used = sorted(set().union(*self._roles.values())) if self._roles else []
        return filled(
            roles=[{"id": role, "title": ROLES[role]} for role in sorted(self._roles)],
            parties=[self._party(self._known[party_id]) for party_id in used],
        ) | filled(
            **{
                "responsible-parties": [
                    {"role-id": role, "party-uuids": [uuid("party", one) for one in sorted(ids)]}
                    for role, ids in sorted(self._roles.items())
                ]
            }
        )

    def _party(self, row: Row) -> Part:
        made = {
            "uuid": uuid("party", row["party_id"]),
            "type": "person" if row["kind"] == "person" else "organization",
            "name": printable(row["name"] or row["party_id"]),
            "props": props(party_id=row["party_id"]),
        }
        return made | ({"email-addresses": [row["email"]]} if row["email"] else {})


def risk(row: Row, people: People, observation: str) -> Part:
    """Write a gap as a risk, with who must mend it until when."""
    title = markup(row["title"])
    fingerprint = row["finding_id"]
    due = iso(row["due_at"])
    started = {"uuid": uuid("log", fingerprint), "start": iso(row["first_seen"])}
    told = "; ".join(row["unread"] or [])
    return {
        "uuid": uuid("risk", fingerprint),
        "title": title,
        "description": title,
        "statement": f"{row['rule']}, {row['severity']}: {title}",
        "props": props(
            finding_id=fingerprint,
            rule=row["rule"],
            severity=row["severity"],
            status=row["status"],
            identity_id=row["identity_id"],
            instance_id=row["instance_id"],
            exception=row["exception"],
            not_read=told,
            last_seen=iso(row["last_seen"]),
        ),
        "status": _RISK[row["status"]],
        **filled(deadline=due),
        "remediations": [_remediation(row, people)],
        "risk-log": {"entries": [started | {"title": "First seen", "status-change": "open"}]},
        "related-observations": [{"observation-uuid": observation}],
    }


def _remediation(row: Row, people: People) -> Part:
    """Write what is to be done, as a milestone of who must do it until when."""
    fingerprint = row["finding_id"]
    due = iso(row["due_at"])
    responsible = people.named("owner", row["owner_id"]) + people.named("backup", row["backup_id"])
    milestone = {
        "uuid": uuid("milestone", fingerprint),
        "type": "milestone",
        "title": f"Remediate {row['rule']}",
    } | filled(
        **{
            "timing": {"on-date": {"date": due}} if due else None,
            "responsible-roles": responsible,
        }
    )
    return {
        "uuid": uuid("remediation", fingerprint),
        "lifecycle": "recommendation",
        "title": f"Remediate {row['rule']}",
        "description": markup(row["remediation"] or "See the rule."),
        "tasks": [milestone],
    }


def catalog(controls: Mapping[str, str], instances: Mapping[str, str], metadata: Part) -> Part:
    """Write the local catalogue: SOC 2 has no free one, so ids and titles of our own.

    Each instance (id: its first criterion) is an objective there, which findings point at.
    """
    objectives: dict[str, list[Part]] = {}
    for instance, one in instances.items():
        part = {"id": token(instance), "name": "assessment-objective", "prose": markup(instance)}
        objectives.setdefault(one, []).append(part)
    return {
        "catalog": {
            "uuid": uuid("catalog", *controls),
            "metadata": metadata | {"title": "Criteria, under titles of our own"},
            "controls": [
                {"id": token(one), "title": title, "props": [{"name": "label", "value": one}]}
                | filled(parts=objectives.get(one))
                for one, title in controls.items()
            ],
        }
    }
