"""Writes an export below one folder: whole files, through no symlink, over no one else's."""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

from nhiscan.errors import UsageError

MANIFEST = "manifest.json"
FORMAT = "nhiscan-export"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_PARTIAL = re.compile(r"\.[a-z0-9][a-z0-9._@+-]{0,120}\.(\d+)\.part")
_JOURNAL = ".unfinished"
_OTHER = re.compile(r"[^a-z0-9._@+-]+")
# Names that mean something else to us or, with any ending, to Windows.
_RESERVED = {"unassigned", "manifest", "con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}


def path_name(name: str) -> str:
    """Turn any text into one path component; what had to change carries a hash of the original."""
    if (
        _PLAIN.fullmatch(name)
        and not name.endswith(".")
        and name.partition(".")[0] not in _RESERVED
    ):
        return name
    kept = _OTHER.sub("-", name.lower()).strip(".-_@+")[:60]
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{kept or 'x'}-{digest}"


def digest(content: bytes) -> str:
    """Return the SHA-256 that a manifest lists for a file."""
    return sha256(content).hexdigest()


class Folder:
    """An export being written: each file is in its place, whole, as soon as it is written."""

    def __init__(self, top: int) -> None:
        self._top = top
        _clear(top)
        self._former = _read_manifest(top)
        # A killed export may have noted a file that still is as the one before it wrote it.
        self._stale: dict[str, set[str]] = {}
        for listed in (_listed(self._former), _unfinished(top)):
            for path, sha in listed.items():
                self._stale.setdefault(path, set()).add(sha)
        self._written: set[str] = set()
        self._cleared: set[str] = set()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        self._journal = os.open(_JOURNAL, flags, 0o600, dir_fd=top)

    def write(self, path: str, content: bytes) -> str:
        """Write `folder/name`; return the digest that a manifest lists for it.

        UsageError if this export wrote a file of that path already.
        """
        if path in self._written:
            raise UsageError(f"two owners or clients would share the file {path}")
        self._written.add(path)
        sha = digest(content)
        # Noted before it is written: what a killed export leaves, the next one removes.
        os.write(self._journal, json.dumps({"path": path, "sha256": sha}).encode() + b"\n")
        name, _, file = path.partition("/")
        with _subfolder(self._top, name) as folder:
            if name not in self._cleared:
                self._cleared.add(name)
                _clear(folder)
            _write(folder, file, content)
        return sha

    def finish(self, manifest: Mapping[str, Any]) -> list[str]:
        """Write the manifest and remove what only earlier exports had; return what was kept.

        Files that were changed since they were exported stay. Others are never touched.
        """
        stale = {path: shas for path, shas in self._stale.items() if path not in self._written}
        kept = [path for path, shas in sorted(stale.items()) if not _remove(self._top, path, shas)]
        if {**self._former, "generated_at": ""} != {**manifest, "generated_at": ""}:
            _write(self._top, MANIFEST, _json(manifest))
        with suppress(FileNotFoundError):
            os.unlink(_JOURNAL, dir_fd=self._top)
        return kept

    def close(self) -> None:
        """Close the journal; it stays where an export did not come to its end."""
        os.close(self._journal)


@contextmanager
def writing(target: Path) -> Iterator[Folder]:
    """Open `target`, making it if need be, for one export. UsageError if it cannot be written."""
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(str(target), None) as top, closing(Folder(top)) as folder:
            yield folder
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else target
        raise UsageError(
            f"{target}: cannot write {place}: {error.strerror}",
            hint="export into a new folder, or one that an export made",
        ) from error


def publish(target: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    """Make `target` hold these `files` (`folder/name`: content) and the manifest that lists them.

    Returns what `Folder.finish` does.
    """
    with writing(target) as folder:
        for path, content in files.items():
            folder.write(path, content)
        return folder.finish(manifest)


def _unfinished(top: int) -> dict[str, str]:
    """List what an export wrote that did not come to its end; half a line is none."""
    entries = []
    for line in (_read(top, _JOURNAL) or b"").splitlines():
        with suppress(ValueError):
            entries.append(json.loads(line))
    return _listed({"files": entries})


def _clear(folder: int) -> None:
    """Remove half-written files of exports that are no longer running."""
    for name in os.listdir(folder):
        found = _PARTIAL.fullmatch(name)
        if found and not _is_running(int(found[1])):
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)


def _is_running(process: int) -> bool:
    """Say whether a process is there; what cannot be told counts as there."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _json(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, indent=2, ensure_ascii=True).encode() + b"\n"


@contextmanager
def _opened(name: str, parent: int | None) -> Iterator[int]:
    """Open a folder; below the target no symlink is followed."""
    flags = os.O_RDONLY | os.O_DIRECTORY | (0 if parent is None else os.O_NOFOLLOW)
    folder = os.open(name, flags, dir_fd=parent)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _subfolder(top: int, name: str) -> Iterator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=top)
    with _opened(name, top) as folder:
        yield folder


def _read(folder: int, name: str) -> bytes | None:
    """Read a plain file; null if there is none, or something else of that name."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(file, "rb") as stream:
        try:
            return stream.read()
        except IsADirectoryError:
            return None


def _write(folder: int, name: str, content: bytes) -> None:
    """Put a file in place whole; the same content is left as it is."""
    if _read(folder, name) == content:
        return
    partial = f".{name}.{os.getpid()}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder), "wb") as stream:
            stream.write(content)
        os.replace(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder)


def _read_manifest(top: int) -> dict[str, Any]:
    """Read what an earlier export left; anything that is not such a manifest counts as nothing."""
    try:
        found = json.loads(_read(top, MANIFEST) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("format") == FORMAT else {}


def _listed(manifest: Mapping[str, Any]) -> dict[str, str]:
    """List the paths of a manifest that an export could have written, with their digests."""
    entries = manifest.get("files")
    listed = {}
    for entry in entries if isinstance(entries, list) else []:
        path, sha = ("", "") if not isinstance(entry, dict) else map(entry.get, ("path", "sha256"))
        if isinstance(path, str) and isinstance(sha, str) and _is_ours(path):
            listed[path] = sha
    return listed


def _is_ours(path: str) -> bool:
    """Say whether a path is one that `path_name` makes: two plain components, no way out."""
    folder, _, file = path.partition("/")
    return bool(_PLAIN.fullmatch(folder) and _PLAIN.fullmatch(file))


def _remove(top: int, path: str, shas: Collection[str]) -> bool:
    """Remove a file that is still what was exported, and its folder if that leaves it empty."""
    name, _, file = path.partition("/")
    try:
        with _opened(name, top) as folder:
            _clear(folder)
            content = _read(folder, file)
            if content is not None and digest(content) not in shas:
                return False
            if content is not None:
                os.unlink(file, dir_fd=folder)
    except OSError:
        # The folder is gone, or is no folder of ours any more.
        return True
    with suppress(OSError):
        os.rmdir(name, dir_fd=top)
    return True
