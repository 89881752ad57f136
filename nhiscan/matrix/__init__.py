"""The control matrix: who must do what for which client, and which identities do it."""
