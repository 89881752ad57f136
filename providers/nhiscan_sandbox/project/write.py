"""Writes the sample project into a folder."""

import csv
import io
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from string import Template

from msgspec import Struct

_HERE = Path(__file__).parent
_COLUMNS = (
    "party_id",
    "name",
    "email",
    "aliases",
    "kind",
    "org",
    "employment",
    "since",
    "manager",
)
# What the sample estate's trust policies ask for, by the file that nhiscan.yaml names.
_EXTERNAL_IDS = {
    "resale": "northwind-resale-4d77",
    "acme-dental": "acme-dental-7f3a",
    "acme-labs": "acme-labs-91bc",
    "granite": "granite-11c2",
    "juniper": "juniper-66d0",
}
# The scanner's application, which every directory of the sample consented to.
SCANNER = "90000000-0000-4000-8000-0000000000aa"
_AZURE_ENTRY = re.compile(r"^      - type: azure\n(?:        .*\n)+", re.MULTILINE)
_GOOGLE_ENTRY = re.compile(r"^      - type: gcp\n(?:        .*\n)+", re.MULTILINE)


class _Days(dict[str, str]):
    """Dates by names such as ago90 and in65: so many days before or after now."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now

    def __missing__(self, name: str) -> str:
        number = int(name.lstrip("agoin"))
        days = -number if name.startswith("ago") else number
        return f"{self._now + timedelta(days=days):%Y-%m-%d}"


class MicrosoftAccess(Struct, frozen=True, kw_only=True):
    """How to reach the running stand-in for Microsoft: its URL, who vouches for it, a secret."""

    url: str
    ca_file: Path
    secret: str


def write(
    folder: Path,
    url: str,
    environment: dict[str, str],
    now: datetime,
    microsoft: MicrosoftAccess | None = None,
    google: Mapping[str, str] | None = None,
) -> Path:
    """Write nhiscan.yaml and what it names; return its path.

    `url` and `environment` are the running sandbox's; the latter goes into `sandbox.env`, to be
    read by a shell. Without `microsoft` the project has no entries of its directories, without
    `google`, the addresses of its gRPC and REST APIs, none of its organizations. Files of those
    names are overwritten, others are left alone.
    """
    for name in ("rosters", "secrets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    config = folder / "nhiscan.yaml"
    template = (_HERE / "nhiscan.yaml.template").read_text(encoding="utf-8")
    if microsoft is None:
        template = _AZURE_ENTRY.sub("", template)
    else:
        (folder / "ca.pem").write_bytes(microsoft.ca_file.read_bytes())
        (folder / "secrets" / "nhiscan-app").write_text(f"{microsoft.secret}\n", encoding="utf-8")
    if google is None:
        template = _GOOGLE_ENTRY.sub("", template)
    places = {"url": url, "azure": microsoft.url if microsoft else "", **(google or {})}
    config.write_text(Template(template).substitute(places), encoding="utf-8")
    for roster, text in _rosters(now).items():
        file = folder / "rosters" / f"{roster}.csv"
        file.write_text(text, encoding="utf-8")
        # as fresh as the estate: a roster's age is that of its file
        os.utime(file, (now.timestamp(), now.timestamp()))
    _write_matrix(folder / "matrix", now)
    vendors = (_HERE / "vendors.yaml").read_text(encoding="utf-8")
    (folder / "vendors.yaml").write_text(vendors, encoding="utf-8")
    for name, value in _EXTERNAL_IDS.items():
        (folder / "secrets" / name).write_text(f"{value}\n", encoding="utf-8")
    lines = [f"export {name}={quote(value)}" for name, value in environment.items()]
    header = "# A session of the sandbox's scanner role. It opens nothing but the sandbox."
    (folder / "sandbox.env").write_text(
        "\n".join([header, "unset AWS_PROFILE", *lines, ""]), encoding="utf-8"
    )
    return config


def _write_matrix(folder: Path, now: datetime) -> None:
    """Write the control matrix, whose dates are relative to now."""
    days = _Days(now)
    for source in (_HERE / "matrix").rglob("*.yaml"):
        file = folder / source.relative_to(_HERE / "matrix")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = Template(source.read_text(encoding="utf-8")).substitute(days)
        file.write_text(text, encoding="utf-8")


def _rosters(now: datetime) -> dict[str, str]:
    import yaml

    rosters = yaml.safe_load((_HERE / "rosters.yaml").read_text(encoding="utf-8"))
    written = {}
    for roster, people in rosters.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for person in people:
            since = person.get("since")
            day = "" if since is None else f"{now - timedelta(days=since):%Y-%m-%d}"
            writer.writerow(person | {"since": day})
        written[roster] = text.getvalue()
    return written
