"""nhiscan: who answers for every non-human identity in every client's cloud."""

__version__ = "0.1.0"
