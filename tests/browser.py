"""真的浏览器：Debian 的 Chromium，无头；一律不许连外网。"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browsing() -> Iterator[Browser]:
    """开着浏览器；没装就跳过，并说怎么装。"""
    if not CHROMIUM.exists():
        pytest.skip(f"没有 {CHROMIUM}，跳过浏览器里的测试；装上再来：apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, url: str, *, width: int = 1366, height: int = 800, dark: bool = False) -> Iterator[Page]:
    """打开一页；用完时页面没报过错、没往外连过才算好。"""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
    outside: list[str] = []
    wrong: list[str] = []

    def inward(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", inward)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
    page.goto(url)
    yield page
    context.close()
    assert outside == []
    assert wrong == []


def _is_wrong(message: ConsoleMessage) -> bool:
    """做不成的事答 409，浏览器自己会在控制台记一笔，不算错。"""
    return message.type == "error" and "409" not in message.text
