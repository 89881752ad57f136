"""What a file says as text, also inside archives and office files, so that it can be looked at."""

import gzip
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile, ZipFile, is_zipfile

# Archives in archives, and how much may come out of them: more is not looked into.
_DEPTH = 3
_LARGEST = 200 * 1024 * 1024


class OpaqueError(Exception):
    """The content cannot be looked into: encrypted, compressed or coded in a way unknown here."""


def texts(data: bytes, depth: int = 0) -> Iterator[str]:
    """Yield what `data` says. OpaqueError, after what could be read, if that is not all."""
    if data[:2] == b"\x1f\x8b":
        yield from texts(_unpacked(data), _deeper(depth))
    elif is_zipfile(BytesIO(data)):
        yield from _zipped(data, _deeper(depth))
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        yield text
        if "\x00" in text or data[:5] == b"%PDF-":
            # text of two bytes a character, as binary formats hold it
            yield data.decode("utf-16-le", "replace")
            yield data[1:].decode("utf-16-le", "replace")
            raise OpaqueError


def _deeper(depth: int) -> int:
    if depth >= _DEPTH:
        raise OpaqueError
    return depth + 1


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.open(BytesIO(data)) as stream:
            content = stream.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise OpaqueError from None
    if len(content) > _LARGEST:
        raise OpaqueError
    return content


def _zipped(data: bytes, depth: int) -> Iterator[str]:
    is_opaque = False
    try:
        with ZipFile(BytesIO(data)) as archive:
            yield "\n".join(archive.namelist())
            yield archive.comment.decode("utf-8", "replace")
            if sum(info.file_size for info in archive.infolist()) > _LARGEST:
                raise OpaqueError
            for name in archive.namelist():
                try:
                    yield from texts(archive.read(name), depth)
                except OpaqueError:
                    is_opaque = True
    except (BadZipFile, RuntimeError, NotImplementedError, zlib.error, OSError):
        is_opaque = True  # damaged, encrypted, or packed in a way that Python does not know
    if is_opaque:
        raise OpaqueError
