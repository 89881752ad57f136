"""An estate with a control matrix: what identities may do, and what clients' files say of them."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from nhiscan import spool
from nhiscan.config.model import Config
from nhiscan.records import AnyRecord, Grant, Usage
from nhiscan.scan.resolve import resolve
from nhiscan.store.revision import revise
from tests.ownership.estate import AT, Estate, identity

SOURCE = "iam.authorization_details"


class Linked(Estate):
    """The estate of the tests of ownership, with a folder `matrix`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.provider = "aws"
        self.matrix = folder / "matrix"
        (self.matrix / "clients").mkdir(parents=True)
        (self.matrix / "rules").mkdir()

    @property
    def config(self) -> Config:
        return msgspec.structs.replace(super().config, matrix=self.matrix)

    def _header(self, tenant: str, at: datetime, part: Any = "collect") -> spool.Header:
        header = super()._header(tenant, at, part)
        return msgspec.structs.replace(header, provider=self.provider)

    def client(self, tenant: str, *instances: dict[str, Any]) -> None:
        """Write one client's file; JSON is YAML."""
        text = {"client": tenant, "period": PERIOD, "instances": list(instances)}
        file = self.matrix / "clients" / f"{tenant}.yaml"
        file.write_bytes(unquoted(msgspec.json.format(msgspec.json.encode(text), indent=1)))

    def rules(self, *rules: dict[str, Any]) -> None:
        """Write the rules."""
        encoded = msgspec.json.encode({"rules": list(rules)})
        (self.matrix / "rules" / "links.yaml").write_bytes(encoded)

    def again(self, at: datetime = AT) -> None:
        """Read the matrix again, and conclude anew."""
        with revise(self.store, at) as revision:
            resolve(revision, self.config, at)

    def decide(
        self, instance: str, identity: str, decision: str, at: datetime = AT, by: str = "dana"
    ) -> None:
        """Record what somebody decided, and conclude anew."""
        with revise(self.store, at) as revision:
            revision.con.execute(
                "INSERT INTO link_decision BY NAME SELECT $1 AS instance_id, $2 AS identity_id,"
                " $3 AS decision, $4 AS decided_by, $5 AS decided_at, $5 AS recorded_at",
                [instance, identity, decision, by, at],
            )
            resolve(revision, self.config, at)

    def links(self, instance: str | None = None) -> dict[str, dict[str, Any]]:
        """Return the links by the identity's name, of one instance or of all."""
        rows = self.rows(
            "SELECT l.*, i.name, i.tenant_id AS of FROM control_links l"
            " JOIN identities i USING (identity_id) WHERE coalesce(l.instance_id = ?, true)",
            instance,
        )
        return {row["name"]: row for row in rows}

    def link(self, name: str, instance: str | None = None) -> dict[str, Any]:
        """Return one link, its reasons decoded."""
        row = self.links(instance)[name]
        return row | {"reasons": msgspec.json.decode(row["reasons"])}


PERIOD = {"from": "2026-01-01", "to": "2026-12-31"}


def unquoted(encoded: bytes) -> bytes:
    """Leave dates as YAML's own."""
    return re.sub(rb'"(\d{4}-\d\d-\d\d)"', rb"\1", encoded)


def instance(name: str, *criteria: str, **fields: Any) -> dict[str, Any]:
    """Describe an instance of the least words."""
    told = {"id": name, "criteria": list(criteria), "statement": "Done.", "responsibility": "msp"}
    return told | fields


def does(
    name: str,
    *action_classes: str,
    role: str = "custom",
    used: datetime | None = None,
    service: str | None = None,
    account: str | None = None,
    **fields: Any,
) -> list[AnyRecord]:
    """Make an identity with a grant per class, and perhaps a last use."""
    changes = set(action_classes) - {"read", "data"}
    privilege = "admin" if "admin" in changes else "write" if changes else "read"
    records: list[AnyRecord] = [identity(name, **({"privilege": privilege} | fields))]
    records += [
        Grant(
            identity=name,
            scope="*",
            scope_account=account,
            role=role,
            action_class=one,  # type: ignore[arg-type]  # pytest passes text
            verdict="granted",
            via="inline",
            source=SOURCE,
        )
        for one in action_classes
    ]
    if used is not None:
        records.append(
            Usage(
                subject="identity",
                key=name,
                usage="known",
                last_used_at=used,
                service=service,
                source=SOURCE,
            )
        )
    return records
