"""Reviews are tested on the small project of the ledger."""

from tests.evidence.conftest import project

__all__ = ["project"]
