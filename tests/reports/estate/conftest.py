"""A headless Chromium, with everything that a page says or asks for written down."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def chromium() -> str:
    """Find the browser; where the checks must be whole, one that is missing is a failure."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        reason = "no Chromium: install one, or name it in CHROMIUM"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return found


class Page:
    """One opened page; `faults` are errors, refused loads and dialogs, `requests` what it asked."""

    def __init__(self, page: Any, file: Path) -> None:
        self.page, self.file = page, file
        self.faults: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", self._asked)
        page.on("request", lambda asked: self.requests.append(asked.url))

    def _said(self, said: Any) -> None:
        if said.type == "error":
            self.faults.append(said.text)

    def _asked(self, box: Any) -> None:
        self.faults.append(box.message)
        box.dismiss()

    def go(self, address: str = "") -> Any:
        """Go to a part of the page and wait until it is there."""
        self.page.goto(f"file://{self.file}#/{address}")
        name = address.split("?")[0] or "overview"
        until(self.page, "document.documentElement.dataset.ready === 'yes'")
        until(self.page, f"document.documentElement.dataset.page === {name!r}")
        return self.page

    def grid(self, name: str, address: str) -> Any:
        """Go to a part with a grid and wait until that is built."""
        page = self.go(address)
        page.wait_for_selector(f"#grid-{name}[data-built=yes]")
        return page


def until(page: Any, condition: str) -> None:
    """Wait until a condition holds; the page's own policy forbids the driver's way of polling."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came: {condition}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield running
        running.close()
