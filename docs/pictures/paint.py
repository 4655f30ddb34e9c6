"""README 里的三张图重画一遍：演一个下午，两张卡片照抄，网页由真的浏览器照一张。

uv run python docs/pictures/paint.py
"""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.browser import browsing, visiting  # noqa: E402 先认得仓库的根
from tests.processes import environment, free_port  # noqa: E402

#: 演出存下的图 → README 里的名字；同一种图有几张时用最后一张
CARDS = {"*-进度.png": "progress.png", "*-排名.png": "ranking.png"}


def paint(folder: Path) -> None:
    """演完，照完，停下。"""
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "try", "--no-open", "--out", "pictures"],
        cwd=folder,
        env=environment(folder, TUAN_DATA_DIR="", PORT=port, TMPDIR=str(folder)),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout
    try:
        url = f"http://127.0.0.1:{port}/try"
        if not any(url in line for line in process.stdout):
            sys.exit("没演完，先看看 uv run tuanbot try 说什么。")
        for pattern, name in CARDS.items():
            shutil.copyfile(max((folder / "pictures").glob(pattern)), HERE / name)
        with browsing() as browser, visiting(browser, url) as page:
            ask_for_the_score(page)
            page.screenshot(path=HERE / "try.png")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def ask_for_the_score(page: Page) -> None:
    """一位团干部私聊团团，看自己的积分。"""
    page.get_by_role("radio", name="干部").check()
    page.locator("#rooms").get_by_role("button", name=re.compile("团团")).click()
    expect(page.locator(".line").first).to_be_attached()
    before = page.locator(".picture").count()
    page.locator("#replies").get_by_role("button", name="/积分", exact=True).click()
    expect(page.locator(".picture")).to_have_count(before + 1)
    expect(page.locator(".picture img").last).to_have_js_property("complete", True)
    expect(page.locator("#sheets")).not_to_contain_text("你还没开口")
    page.mouse.move(0, 0)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        paint(Path(name))
