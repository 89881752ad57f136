"""Shared identities of others, and the pseudonyms that they bear in a client's pack."""

import hmac
import os
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.export.wall import trie
from nhiscan.store.lock import private_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Tool(Struct, frozen=True, kw_only=True):
    """How one client's pack calls a shared identity; `others` are further clients that use it."""

    pseudonym: str
    others: int


class Tools:
    """Knows the words that name the shared identities of others than one client."""

    def __init__(self, con: "DuckDBPyConnection", store: Path, client: str) -> None:
        text = files("nhiscan.pack").joinpath("tools.sql").read_text("utf-8")
        found = con.execute(text, {"client": client}).fetchall()
        key = _key(store) if found else b""
        self._tools: dict[str, Tool] = {}
        for native_id, others, words in found:
            code = hmac.new(key, f"{client}|{native_id}".encode(), sha256).hexdigest()[:8]
            tool = Tool(pseudonym=f"shared-tool-{code}", others=others)
            for word in words:
                self._tools.setdefault(word, tool)
        self._pattern = _whole_words(set(self._tools))

    def called(self, text: str) -> str:
        """Put pseudonyms in place of the words that name a shared identity."""
        whole = self._tools.get(text)
        if whole is not None:
            more = "client" if whole.others == 1 else "clients"
            return f"{whole.pseudonym} (also used for {whole.others} other {more})"
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._tools[found[0]].pseudonym, text)

    def are_named(self, text: str) -> bool:
        """Say whether a text names any of them."""
        return self._pattern is not None and self._pattern.search(text) is not None


def _whole_words(words: set[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    # The longest that fits decides: an ARN holds the name that stands alone elsewhere.
    return re.compile(rf"(?<![0-9A-Za-z])(?:{trie(words)})(?![0-9A-Za-z])")


def _key(store: Path) -> bytes:
    """Return the key of the pseudonyms: made once per store, kept beside it, never shown."""
    file = private_folder(store.resolve()) / "pseudonyms.key"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        partial = file.with_suffix(f".{os.getpid()}.part")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(os.urandom(32))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, file)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        return file.read_bytes()
