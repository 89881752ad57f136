"""What a client signs: the hash of the exact text of a split (DESIGN 6.1)."""

import json
from hashlib import sha256

from nhiscan.matrix.model import Instance


def text_sha256(instance: Instance) -> str:
    """Return the SHA-256 in hex over canonical JSON of statement, responsibility and duties.

    Canonical: sorted keys, no spaces, UTF-8. Editing one word changes it, and so does moving a
    duty; who is accountable, custody and notes do not.
    """
    text = {
        "statement": instance.statement,
        "responsibility": instance.responsibility,
        "duties": instance.duties,
    }
    encoded = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(encoded.encode("utf-8")).hexdigest()
