"""Opens workbooks that people send back: small ones without macros, and nothing unfolds in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from nhiscan.errors import UsageError

if TYPE_CHECKING:
    from openpyxl import Workbook

# A list of a hundred thousand findings unfolds to less; what is packed tighter than this is a bomb.
_MOST_BYTES = 512 << 20
_MOST_RATIO = 200
_SMALL = 16 << 20
_MOST_PARTS = 2000
# A dimension that a file claims is not believed: columns beyond these are nobody's list.
MOST_COLUMNS = 200
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/")
_HEAD = 4096


@contextmanager
def workbook(path: Path) -> Iterator["Workbook"]:
    """Open a workbook for reading; UsageError says why it is none, or not one for us."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _look(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: not an XLSX file: {error}") from None
    try:
        yield book
    finally:
        book.close()


def rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the values of every row."""
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)


def _look(path: Path) -> None:
    """Refuse, before anything is unfolded, what no list of ours ever is."""
    if not is_zipfile(path):
        hint = "save it as .xlsx; a workbook with a password or an old .xls cannot be read"
        raise UsageError(f"{path}: not an XLSX file", hint=hint)
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            names = [part.filename.lower() for part in parts]
            if any(mark in name for name in names for mark in _MACROS):
                raise UsageError(
                    f"{path}: the workbook holds macros", hint="save it as .xlsx without macros"
                )
            whole = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            if (
                whole > _MOST_BYTES
                or len(parts) > _MOST_PARTS
                or (whole > _SMALL and whole > _MOST_RATIO * packed)
            ):
                raise UsageError(
                    f"{path}: unfolds to {whole >> 20} MiB, which no list of ours does"
                )
            _plain_xml(path, archive)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UsageError(f"{path}: not an XLSX file: {error}") from None


def _plain_xml(path: Path, archive: ZipFile) -> None:
    """Refuse XML that defines entities: they could unfold without end, or name other files."""
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(_HEAD).replace(b"\x00", b"").upper():
                    raise UsageError(f"{path}: {part.filename} defines entities; it is refused")
