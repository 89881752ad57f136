"""Writes the matrix as one CSV file, as RFC 4180 has it, in UTF-8."""

import csv
import io
from collections.abc import Iterable

from nhiscan.matrix.model import ClientFile
from nhiscan.matrix.rows import COLUMNS, rows


def exported(clients: Iterable[ClientFile]) -> str:
    """Return a header and a row per control instance, with CRLF line ends."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for client in clients:
        writer.writerows([row[column] for column in COLUMNS] for row in rows(client))
    return buffer.getvalue()
