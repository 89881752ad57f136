"""Keeps pieces of evidence as files beside the store, under names that tell their content."""

import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from nhiscan.errors import StoreError, UsageError
from nhiscan.spool import sync
from nhiscan.store.heads import evidence_folder

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_BLOCK = 1 << 20


class Kept(Struct, frozen=True, kw_only=True):
    """A file in the evidence folder; `path` is relative to it, with `/` on every system."""

    path: str
    sha256: str
    size: int


def keep(store: Path, tenant_id: str, name: str, source: Path | bytes) -> Kept:
    """Copy a file, or write bytes, into the evidence folder; return where and what it is.

    The copy is written beside its place, synced and renamed, so that no half file is ever taken
    for evidence. The same content under the same name is one file. UsageError if the source cannot
    be read, StoreError if the folder cannot be written.
    """
    place = evidence_folder(store) / tenant_id
    try:
        for part in (place.parent, place):
            part.mkdir(mode=0o700, exist_ok=True)
        partial = place / f".{os.getpid()}.part"
        try:
            digest, size = _write(partial, source)
            target = place / f"{digest[:16]}-{safe_name(name)}"
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        sync(place)
    except OSError as error:
        raise StoreError(f"{error.filename or place}: {error.strerror}") from error
    return Kept(path=f"{tenant_id}/{target.name}", sha256=digest, size=size)


def _write(partial: Path, source: Path | bytes) -> tuple[str, int]:
    digest, size = sha256(), 0
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for block in _blocks(source):
            digest.update(block)
            size += len(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    try:
        with regular(source).open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}") from error


def regular(source: Path) -> Path:
    """Return a path that is a file; UsageError for pipes and devices, which may never end."""
    if source.exists() and not source.is_file():
        raise UsageError(f"{source}: is no file", hint="write what it gives into a file first")
    return source


def file_sha256(path: Path) -> str:
    """Hash a file; OSError if it cannot be read."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def safe_name(name: str) -> str:
    """Make a file name of any text: letters, digits, dot, dash and underscore, at most 80."""
    cleaned = _UNSAFE.sub("-", name).strip("-.") or "evidence"
    stem, dot, ending = cleaned.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 80 - len(ending) - 1]}.{ending}"
    return cleaned[:80]
