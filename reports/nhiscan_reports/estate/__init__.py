"""One page of the whole estate that works offline and from a mail attachment."""

from nhiscan_reports.estate.page import Estate as Estate
