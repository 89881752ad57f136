"""A list as one mail, ready to be looked at and sent: never one mail per finding."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

from nhiscan.export.gaps.letter import SHOWN, Letter, day, plain
from nhiscan.export.gaps.people import Copied, Person
from nhiscan.text import printable, shortened

if TYPE_CHECKING:
    from nhiscan.config.model import GapLists

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def mail(
    letter: Letter,
    *,
    owner: Person | None,
    copied: Sequence[Copied],
    addresses: "GapLists",
    workbook: bytes,
    name: str,
    at: datetime,
) -> bytes:
    """Write the mail; `at` is its date, `name` that of the attached workbook.

    Without a sender in the configuration it is a draft (X-Unsent), which mail programs open to be
    sent. Nothing in it is loaded from elsewhere. The same list gives the same bytes.
    """
    message = EmailMessage(policy=SMTP)
    _address_to(message, owner, copied, addresses)
    message["Subject"] = printable(shortened(letter.subject, 200))
    message["Date"] = at
    if letter.worst == "critical":
        message["X-Priority"] = "1 (Highest)"
        message["Importance"] = "high"
    message["Auto-Submitted"] = "auto-generated"
    text = plain(letter)
    to_whom = "\n".join(f"{message[key]}" for key in ("To", "Cc"))
    told = "\n".join((text, name, to_whom)).encode("utf-8", "surrogatepass")
    mark = sha256(told + workbook).hexdigest()
    message["Message-ID"] = f"<{mark[:32]}@nhiscan.invalid>"
    message.set_content(text)
    message.add_alternative(_html(letter), subtype="html")
    message.add_attachment(workbook, maintype=XLSX[0], subtype=XLSX[1], filename=name)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"nhiscan-{mark[:24]}-{number}")
    return message.as_bytes()


def _address_to(
    message: EmailMessage, owner: Person | None, copied: Sequence[Copied], addresses: "GapLists"
) -> None:
    """Say from whom a mail is, for whom, and where answers go; without a sender it is a draft."""
    if addresses.sender:
        message["From"] = addresses.sender
    else:
        message["X-Unsent"] = "1"
    to = [_address(owner.name, owner.email)] if owner and owner.email else []
    if not to and addresses.unassigned and owner is None:
        to = [_address(None, addresses.unassigned)]
    if to:
        message["To"] = to
    if copied:
        message["Cc"] = [_address(one.name, one.email) for one in copied]
    if addresses.reply_to:
        message["Reply-To"] = addresses.reply_to


def _address(name: str | None, email: str) -> Address:
    """Write an address; a name from a roster is text, whatever it holds."""
    shown = printable(shortened(name or "", 60))
    return Address(display_name=shown, addr_spec=email)


def _html(letter: Letter) -> str:
    page = resources.files("nhiscan.export.gaps").joinpath("mail.html").read_text("utf-8")
    more = len(letter.rows) - SHOWN
    why = (f"{shortened(what, 80)}: {'; '.join(claims)}" for what, claims in letter.why[:SHOWN])
    unread = letter.unread[:SHOWN]
    return Template(page).substitute(
        subject=_text(letter.subject),
        opening="\n".join(f"<p>{_text(line)}</p>" for line in letter.opening),
        rows="\n".join(_rows(letter)),
        more=f"<p>… and {more} more in the attached workbook.</p>" if more > 0 else "",
        why=_listed("Why you", why) if letter.why else "",
        answering="".join(f"<li>{_text(line)}</li>" for line in letter.answering),
        unread=_listed("Not read at the last scan, so there may be more", unread) if unread else "",
    )


def _rows(letter: Letter) -> Iterable[str]:
    for row in letter.rows[:SHOWN]:
        doubt = " (not checked again)" if row["status"] == "unknown" else ""
        cells = (row["severity"], day(row["due_at"]), row["rule"], f"{row['title']}{doubt}")
        shown = (*cells, row["recommended_action"] or "")
        yield "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in shown) + "</tr>"


def _listed(title: str, items: Iterable[str]) -> str:
    entries = "".join(f"<li>{_text(item)}</li>" for item in items)
    return f'<h2 style="font-size:15px">{title}</h2><ul>{entries}</ul>'


def _text(value: str) -> str:
    return escape(printable(shortened(value, 1200), limit=2400))
