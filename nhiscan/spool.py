"""Spool files: one finished, self-contained file per collected unit.

A spool is gzip over newline JSON, readable with `zcat`: a header line that says once whose data it
is, one line per record, and an end line with the count and the SHA-256 of everything before it. It
is written under a temporary name, synced and renamed: a file under its own name is whole.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from gzip import BadGzipFile, GzipFile
from hashlib import sha256
from pathlib import Path
from typing import Literal
from zlib import error as zlib_error

import msgspec
from msgspec import Struct

from nhiscan.errors import SpoolError
from nhiscan.records import AnyRecord, Moment

FORMAT = "nhiscan-spool"
VERSION = 1
SUFFIX = ".jsonl.gz"
LONGEST_LINE = 4 << 20  # a record is a few kB; a longer line is damage or an attack


class Header(Struct, frozen=True, kw_only=True):
    """The first line: whose data this is and how it was read.

    `account` is the account's native id, or the plan's label when `part` is "plan". `sliding` and
    `optional` name the sources that the adapter declares so; the store knows no adapter.
    """

    format: Literal["nhiscan-spool"] = "nhiscan-spool"
    version: int = VERSION
    tool: str
    scan_id: str
    part: Literal["plan", "collect"]
    tenant_id: str
    provider: str
    account: str
    name: str | None = None
    started_at: Moment
    sliding: list[str] = []
    optional: list[str] = []


class End(Struct, frozen=True, kw_only=True, tag_field="record", tag="end"):
    """The last line: how many records came before it, and the SHA-256 of all lines before it."""

    records: int
    sha256: str
    finished_at: Moment


_header_decoder = msgspec.json.Decoder(Header)
_line_decoder = msgspec.json.Decoder(AnyRecord | End)


def write(
    path: Path,
    header: Header,
    records: Iterable[AnyRecord],
    *,
    finished_at: Callable[[], datetime],
    on_record: Callable[[AnyRecord], None] | None = None,
) -> End:
    """Write one finished spool at `path`, readable by its owner only; nothing is left on failure.

    `finished_at` is asked after the last record. Records are written as they come: memory follows
    one record, not the unit.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as stream:
                end = _write_lines(stream, header, records, finished_at, on_record)
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return end


def _write_lines(
    stream: GzipFile,
    header: Header,
    records: Iterable[AnyRecord],
    finished_at: Callable[[], datetime],
    on_record: Callable[[AnyRecord], None] | None,
) -> End:
    encoder = msgspec.json.Encoder(order="deterministic")
    digest = sha256()

    def put(value: Struct) -> None:
        line = encoder.encode(value) + b"\n"
        digest.update(line)
        stream.write(line)

    put(header)
    count = 0
    for record in records:
        put(record)
        count += 1
        if on_record is not None:
            on_record(record)
    end = End(records=count, sha256=digest.hexdigest(), finished_at=finished_at())
    put(end)
    return end


class SpoolReader:
    """An open spool: its header, and its records once. Damage anywhere raises SpoolError."""

    def __init__(self, path: Path, stream: GzipFile) -> None:
        self.path = path
        self._stream = stream
        self._digest = sha256()
        self._number = 0
        self.end: End | None = None
        self.header = self._read_header()

    def _fail(self, problem: str) -> SpoolError:
        return SpoolError(
            f"{self.path}:{self._number}: {problem}",
            hint="collect this unit again, or ask its sender for a new file",
        )

    def _line(self) -> bytes:
        self._number += 1
        try:
            line = self._stream.readline(LONGEST_LINE + 1)
        except (BadGzipFile, EOFError, zlib_error, OSError) as error:
            raise self._fail(f"not a whole gzip file: {error}") from None
        if len(line) > LONGEST_LINE:
            raise self._fail("line is longer than 4 MiB")
        return line

    def _read_header(self) -> Header:
        line = self._line()
        try:
            seen = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._fail("not a spool file of nhiscan") from None
        if not isinstance(seen, dict) or seen.get("format") != FORMAT:
            raise self._fail("not a spool file of nhiscan")
        if seen.get("version") != VERSION:
            raise self._fail(f"spool version {seen.get('version')!r}; this nhiscan reads {VERSION}")
        self._digest.update(line)
        try:
            return _header_decoder.decode(line)
        except msgspec.ValidationError as error:
            raise self._fail(f"header: {error}") from None

    def __iter__(self) -> Iterator[AnyRecord]:
        """Yield every record; the end line is checked before the iteration ends."""
        count = 0
        while True:
            line = self._line()
            if not line:
                raise self._fail("cut short: the end line is missing")
            try:
                record = _line_decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise self._fail(str(error)) from None
            if isinstance(record, End):
                self._finish(record, count)
                return
            self._digest.update(line)
            count += 1
            yield record

    def _finish(self, end: End, count: int) -> None:
        if end.records != count:
            raise self._fail(f"the end line counts {end.records} records, the file holds {count}")
        if end.sha256 != self._digest.hexdigest():
            raise self._fail("the SHA-256 of the end line does not fit: the file was changed")
        if self._line():
            raise self._fail("something stands after the end line")
        self.end = end


@contextmanager
def read(path: Path) -> Iterator[SpoolReader]:
    """Open a spool for reading; SpoolError names the file and line of whatever is wrong with it."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise SpoolError(f"{path}: {error.strerror}") from error
    with raw, GzipFile(fileobj=raw, mode="rb") as stream:
        yield SpoolReader(path, stream)
