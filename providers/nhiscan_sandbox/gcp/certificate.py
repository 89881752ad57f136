"""Public halves of service account keys, the same in every run for the same seed."""

from datetime import UTC, datetime
from functools import cache

_YEAR_2020 = datetime(2020, 1, 1, tzinfo=UTC)
_YEAR_2050 = datetime(2050, 1, 1, tzinfo=UTC)


@cache
def certificate(seed: str) -> bytes:
    """Make a self-signed X.509 certificate in PEM whose key follows from `seed`.

    The key is an elliptic one, which can be derived from a seed; uploaded ones are RSA keys.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    from nhiscan_sandbox.gcp.world import digest

    key = derive_private_key(int(digest("public", seed, length=60), 16), SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_YEAR_2020)
        .not_valid_after(_YEAR_2050)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
