"""Mails with gap lists: to whom, with what, and never with more than they may see."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from nhiscan.config.model import Config, GapLists, Tenant
from nhiscan.errors import UsageError
from nhiscan.export.gaps.lists import export
from nhiscan.export.gaps.rows import Asked
from nhiscan.store.read import open_reader
from tests.export.conftest import AT, Build, finding

DUE = AT + timedelta(days=30)


def config(store: Path, **lists: Any) -> Config:
    tenants = tuple(
        Tenant(id=name, name=name, group=name, contacts={"approver": f"cto@{name}.example"})
        for name in ("acme", "beta")
    )
    return Config(
        path=store.with_name("nhiscan.yaml"), msp_id="northwind", msp_name="Northwind",
        store=store, tenants=tenants, gap_lists=GapLists(**lists),
    )  # fmt: skip


def mails(
    store: Path, target: Path, *, days: float = 1, named: Config | None = None
) -> dict[str, EmailMessage]:
    with open_reader(store) as con:
        export(
            con, target, Asked(), formats=("eml",), now=AT + timedelta(days=days),
            config=named or config(store),
        )  # fmt: skip
    return {
        f"{path.parent.name}/{path.stem}": message_from_bytes(
            path.read_bytes(), policy=policy.default
        )
        for path in sorted(target.rglob("*.eml"))
    }


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


OWNED = [
    finding("acme", f"key-{n}", owner_id="dana", backup_id="cto", due_at=DUE, title=f"Old key {n}")
    for n in range(30)
]


def test_one_mail_for_many_findings_with_all_of_them_attached(build: Build, tmp_path: Path) -> None:
    (message,) = mails(build(OWNED), tmp_path / "out").values()
    assert message["To"] == "Dana Reed <dana@northwind.example>"
    assert message["X-Unsent"] == "1"
    assert message["From"] is None
    assert message["Cc"] is None
    assert message["Subject"] == "acme: 30 findings to mend (worst: high)"
    assert "… and 10 more in the attached workbook." in body(message)
    (book,) = message.iter_attachments()
    sheet = load_workbook(BytesIO(book.get_content()))["Findings"]
    assert sheet.max_row == 31
    assert "Not yours?" in body(message)


@pytest.mark.parametrize(
    ("days", "copied"),
    [
        (14, []),
        (15, ["cleo@acme.example"]),
        (30, ["cleo@acme.example"]),
        (45, ["cleo@acme.example", "cto@acme.example"]),
    ],
)
def test_who_is_copied_when(build: Build, tmp_path: Path, days: float, copied: list[str]) -> None:
    (message,) = mails(build(OWNED), tmp_path / "out", days=days).values()
    found = [address.addr_spec for address in message["Cc"].addresses] if message["Cc"] else []
    assert found == copied


def test_nobody_of_another_client_is_copied(build: Build, tmp_path: Path) -> None:
    foreign = [finding("acme", "key", owner_id="dana", backup_id="bo", due_at=DUE)]
    (message,) = mails(build(foreign), tmp_path / "out", days=29).values()
    assert message["Cc"] is None
    assert b"beta" not in message.as_bytes().lower()


def test_what_nobody_owns_goes_to_whom_the_configuration_names(
    build: Build, tmp_path: Path
) -> None:
    store = build([finding("acme", "key")])
    named = config(store, sender="nhi@northwind.example", unassigned="noc@northwind.example")
    (message,) = mails(store, tmp_path / "out", named=named).values()
    assert (message["From"], message["To"]) == ("nhi@northwind.example", "noc@northwind.example")
    assert "An owner is missing" in body(message)


def test_hostile_names_are_text_in_every_part(build: Build, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>\r\nBcc: all@evil.example\u202e[x](http://evil.example)"
    store = build([finding("acme", "key", owner_id="dana", title=evil, severity="critical")])
    (message,) = mails(store, tmp_path / "out").values()
    assert message["Bcc"] is None
    assert message["Importance"] == "high"
    html = body(message, "html")
    assert "<img" not in html
    assert "&lt;img" in html
    assert "http" not in html.replace("http://evil.example)", "")
    assert "\u202e" not in html + body(message)
    with open_reader(store) as con:
        export(con, tmp_path / "md", Asked(), formats=("md",), now=datetime.now(UTC))
    text = (tmp_path / "md/dana/acme.md").read_text()
    assert "&lt;img src=x" in text
    assert r"\[x\](http\://" in text
    assert len([line for line in text.splitlines() if "img" in line]) == 1


def test_the_same_findings_are_the_same_mail(build: Build, tmp_path: Path) -> None:
    store = build(OWNED)
    mails(store, tmp_path / "one", days=1)
    mails(store, tmp_path / "two", days=2)
    name = "dana/acme.eml"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_mails_are_for_owners(build: Build, tmp_path: Path) -> None:
    with (
        open_reader(build(OWNED)) as con,
        pytest.raises(UsageError, match="mails are for owners, and not by client"),
    ):
        export(con, tmp_path / "out", Asked(by="client"), now=AT)


@pytest.mark.parametrize(
    ("by", "files"),
    [
        ("client", {"acme/acme.csv", "beta/beta.csv"}),
        ("organization", {"msp/acme.csv", "unassigned/acme.csv", "unassigned/beta.csv"}),
    ],
)
def test_lists_by_something_else(build: Build, tmp_path: Path, by: Any, files: set[str]) -> None:
    store = build([*OWNED, finding("acme", "key"), finding("beta", "key")])
    with open_reader(store) as con:
        written = export(con, tmp_path / "out", Asked(by=by), formats=("csv",), now=AT)
    assert set(written.files) == files
    assert (written.rows, written.unowned) == (32, 2)


def test_a_workbook_asks_for_decisions_and_tells_its_parameters(
    build: Build, tmp_path: Path
) -> None:
    evil = [finding("acme", "k", owner_id="dana", title=t) for t in ("=cmd|' /C calc'!A0",)]
    with open_reader(build(evil, denied=["acme"])) as con:
        export(con, tmp_path / "out", Asked(), formats=("xlsx",), now=AT)
    book = load_workbook(tmp_path / "out/dana/acme.xlsx")
    sheet = book["Findings"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    header = [cell.value for cell in sheet[1]]
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"keep,revoke,remediate,accept,reassign,defer"'
    assert next(iter(rule.sqref.ranges)).min_col == header.index("decision") + 1
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    told = {row[0].value: row[1].value for row in book["Parameters"].iter_rows(min_row=2)}
    assert told["rows"] == 1
    assert told["due_days_critical"] == 7
    assert len(str(told["query_sha256"])) == 64
    assert told["sources not read whole"] == 1
    assert "denied" in str(book["Not read"]["A2"].value)
