"""Reviews: the monthly pack that is frozen and decided on, and campaigns of access reviews."""
