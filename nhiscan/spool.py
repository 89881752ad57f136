"""Spool files: one finished, self-contained file per collected unit.

A spool is gzip over newline JSON, readable with `zcat`: a header line that says once whose data it
is, one line per record, and an end line with the count and the SHA-256 of everything before it. It
is written under a temporary name, synced and renamed: a file under its own name is whole.
"""

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from gzip import BadGzipFile, GzipFile
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal
from zlib import error as zlib_error

import msgspec
from msgspec import Meta, Struct

from nhiscan.errors import SpoolError
from nhiscan.records import AnyRecord, Moment

FORMAT = "nhiscan-spool"
VERSION = 1
SUFFIX = ".jsonl.gz"
LONGEST_LINE = 4 << 20  # a record is a few kB; a longer line is damage or an attack
_BLOCK = 1 << 16

# A slash would let one unit's name spell another's.
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=2000)]


class Header(Struct, frozen=True, kw_only=True):
    """The first line: whose data this is and how it was read.

    `account` is the account's native id, or the plan's label when `part` is "plan". `sliding` and
    `optional` name the sources that the adapter declares so; the store knows no adapter.
    """

    format: Literal["nhiscan-spool"] = "nhiscan-spool"
    version: int = VERSION
    tool: str
    scan_id: Name
    part: Literal["plan", "collect"]
    tenant_id: Word
    provider: Word
    account: Name
    name: str | None = None
    started_at: Moment
    sliding: list[str] = []
    optional: list[str] = []


class End(Struct, frozen=True, kw_only=True, tag_field="record", tag="end"):
    """The last line: how many records came before it, and the SHA-256 of all lines before it."""

    records: int
    sha256: str
    finished_at: Moment


_header = msgspec.json.Decoder(Header)
_record: msgspec.json.Decoder[AnyRecord | End] = msgspec.json.Decoder(AnyRecord | End)
_encode = msgspec.json.Encoder(order="deterministic").encode
_NOT_GZIP = (BadGzipFile, EOFError, zlib_error, OSError)
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_SURROGATE = re.compile("[\ud800-\udfff]")


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
    one record, not the unit. SpoolError if the file cannot be written, full disk included.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.unlink(missing_ok=True)
        # Exclusive, so that nobody's link is followed.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SpoolError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as raw:
            end = _write_stream(_Disk(raw, path), header, records, finished_at, on_record)
        try:
            partial.replace(path)
            sync(path.parent)
        except OSError as error:
            raise SpoolError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return end


class _Disk(io.RawIOBase):
    """A file whose failures name it, told apart from those of whatever yields the records."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            raise SpoolError(f"{self._path}: cannot be written: {error.strerror}") from error

    def sync(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SpoolError(f"{self._path}: cannot be written: {error.strerror}") from error


def _write_stream(
    disk: _Disk,
    header: Header,
    records: Iterable[AnyRecord],
    finished_at: Callable[[], datetime],
    on_record: Callable[[AnyRecord], None] | None,
) -> End:
    digest = sha256()
    with GzipFile(filename="", fileobj=disk, mode="wb", compresslevel=1, mtime=0) as stream:

        def put(line: bytes) -> None:
            digest.update(line)
            stream.write(line)

        put(_encode(header) + b"\n")
        count = 0
        for record in records:
            put(_line(record))
            count += 1
            if on_record is not None:
                on_record(record)
        end = End(records=count, sha256=digest.hexdigest(), finished_at=finished_at())
        put(_encode(end) + b"\n")
    disk.sync()
    return end


def _line(record: AnyRecord) -> bytes:
    try:
        line = _encode(record)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which a cloud's JSON may hold, has no UTF-8 form.
        line = _encode(_without_surrogates(msgspec.to_builtins(record)))
    if len(line) >= LONGEST_LINE:
        raise SpoolError(f"a record of {len(line) >> 20} MiB: no adapter may yield one so large")
    return line + b"\n"


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or the names in a folder, before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SpoolReader:
    """An open spool: its header, and its records once. Damage anywhere raises SpoolError."""

    def __init__(self, path: Path, stream: GzipFile) -> None:
        self.path = path
        self._stream = stream
        self._digest = sha256()
        self._lines = 0
        self.end: End | None = None
        self.header = self._read_header()

    def _fail(self, problem: str, line: int | None = None) -> SpoolError:
        return SpoolError(
            f"{self.path}:{line or self._lines + 1}: {problem}",
            hint="collect this unit again, or ask its sender for a new file",
        )

    def _read_header(self) -> Header:
        try:
            line = self._stream.readline(LONGEST_LINE + 1)
            seen = msgspec.json.decode(line)
        except _NOT_GZIP as error:
            raise self._fail(f"not a whole gzip file: {error}") from None
        except _NOT_JSON:
            raise self._fail("not a spool file of nhiscan") from None
        if not isinstance(seen, dict) or seen.get("format") != FORMAT:
            raise self._fail("not a spool file of nhiscan")
        if seen.get("version") != VERSION:
            raise self._fail(f"spool version {seen.get('version')!r}; this nhiscan reads {VERSION}")
        try:
            header = _header.decode(line)
        except msgspec.ValidationError as error:
            raise self._fail(f"header: {error}") from None
        self._digest.update(line)
        self._lines = 1
        return header

    def __iter__(self) -> Iterator[AnyRecord]:
        """Yield every record; the end line is checked before the iteration ends."""
        blocks = self._blocks()
        for block in blocks:
            records = self._decoded(block)
            end = records.pop() if records and type(records[-1]) is End else None
            self._digest.update(block[: block.rfind(b"\n", 0, -1) + 1] if end else block)
            for number, record in enumerate(records, self._lines + 1):
                if isinstance(record, End):
                    raise self._fail("an end line, and not the last", number)
                yield record
            self._lines += len(records)
            if isinstance(end, End):
                self._check(end)
                if next(blocks, None) is not None:
                    raise self._fail("something stands after the end line", self._lines + 2)
                self.end = end
                return
        raise self._fail("cut short: the end line is missing")

    def _blocks(self) -> Iterator[bytes]:
        """Yield runs of whole lines: decoding them together takes a quarter less time."""
        rest = b""
        try:
            while data := self._stream.read(_BLOCK):
                data = rest + data
                whole = data.rfind(b"\n") + 1
                rest = data[whole:]
                if len(rest) > LONGEST_LINE:
                    raise self._fail("line is longer than 4 MiB")
                if whole:
                    yield data[:whole]
        except _NOT_GZIP as error:
            raise self._fail(f"not a whole gzip file: {error}") from None
        if rest:
            raise self._fail("cut short: a line without its end")

    def _decoded(self, block: bytes) -> list[AnyRecord | End]:
        try:
            return _record.decode_lines(block)
        except _NOT_JSON:
            for number, line in enumerate(block.split(b"\n"), self._lines + 1):
                try:
                    _record.decode(line)
                except _NOT_JSON as error:
                    raise self._fail(str(error), number) from None
            raise

    def _check(self, end: End) -> None:
        count = self._lines - 1
        if end.records != count:
            raise self._fail(f"the end line counts {end.records} records, the file holds {count}")
        if end.sha256 != self._digest.hexdigest():
            raise self._fail("the SHA-256 of the end line does not fit: the file was changed")


@contextmanager
def read(path: Path) -> Iterator[SpoolReader]:
    """Open a spool for reading; SpoolError names the file and line of whatever is wrong with it."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise SpoolError(f"{path}: {error.strerror}") from error
    with raw, GzipFile(fileobj=raw, mode="rb") as stream:
        yield SpoolReader(path, stream)
