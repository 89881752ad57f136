"""Gap lists for the people who must act, each file about one client."""
