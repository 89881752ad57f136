"""The whole estate as tables, for one page that people look at."""
