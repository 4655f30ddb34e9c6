"""`tuanbot try` 的网页，照来的人那样用：真的进程、真的 WebSocket、真的浏览器。"""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import browsing, visiting
from tests.processes import environment, free_port

pytestmark = pytest.mark.slow

XSS = "<img src=x onerror=\"document.title='坏了'\">"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """演完了、开着网页的 `tuanbot try`；Ctrl+C 要好好停下。"""
    folder = tmp_path_factory.mktemp("page")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "try", "--no-open", "--out", "pictures"],
        cwd=folder,
        env=environment(folder, TUAN_DATA_DIR="", PORT=str(port), TMPDIR=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout
    url = f"http://127.0.0.1:{port}/try"
    heard: list[str] = []
    try:
        while not heard or url not in heard[-1]:
            heard.append(process.stdout.readline())
            assert heard[-1], "".join(heard[-40:])
        yield url
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()  # 已经停下的不碍事；没停下的不留着
        process.communicate()
    assert process.returncode == 0, rest[-3000:]
    assert [path.name for path in folder.iterdir()] == ["pictures"], "别的都用完即扔"


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    with visiting(browser, site) as page:
        expect(page.locator(".line").first).to_be_attached()
        yield page


def be(page: Page, role: str, who: str | None = None) -> None:
    page.get_by_role("radio", name=role).check()
    if who:
        value = page.locator("#who option", has_text=who).get_attribute("value")
        page.locator("#who").select_option(value)


def enter(page: Page, room: str) -> None:
    page.locator("#rooms").get_by_role("button", name=re.compile(room)).click()


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_have_value("")


def heard(page: Page, text: str) -> None:
    expect(page.locator(".robot .bubble", has_text=text).last).to_be_visible()


def test_a_first_time_visitor_finds_the_afternoon_and_what_to_click(page: Page) -> None:
    expect(page.locator("#hint")).to_contain_text("点一句现成的话")
    expect(page.locator("#room")).to_contain_text("和团团私聊")
    expect(page.locator(".mine .bubble", has_text="/心愿墙").first).to_be_attached()
    expect(page.locator("#rooms button")).to_have_count(4)
    enter(page, "青年一群")
    heard(page, "/加入")
    expect(page.locator(".theirs .bubble", has_text="投了十几份简历都没有回音")).to_be_attached()
    expect(page.locator("#ledger")).to_contain_text("复读")


def test_a_wish_goes_from_a_youth_to_a_cadre_and_is_only_text(page: Page) -> None:
    be(page, "青年")
    say(page, f"/心愿 想学修自行车 {XSS}")
    heard(page, "收到你的心愿")
    be(page, "干部", "团干部甲")
    heard(page, "来了一个新心愿")
    page.locator("#replies").get_by_role("button", name=re.compile("认领 W")).first.click()
    heard(page, "归你办了")
    expect(page.locator(".bubble", has_text=XSS).last).to_be_visible()
    expect(page.locator("#replies")).to_contain_text("/办结 W")
    assert page.title() == "团团 · 试一试"
    assert page.locator("img[src='x']").count() == 0
    expect(page.locator("#sheets")).to_contain_text("提交、认领、进展、办结、确认")


def test_the_ranking_is_a_picture_that_can_be_seen_large(page: Page) -> None:
    be(page, "管理员", "组织部老师")
    before = page.locator(".picture").count()
    page.locator("#replies").get_by_role("button", name="/排名", exact=True).click()
    expect(page.locator(".picture")).to_have_count(before + 1)
    picture = page.locator(".picture img").last
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 300
    picture.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_youth_gets_his_data_as_a_file(page: Page) -> None:
    be(page, "青年")
    page.locator("#replies").get_by_role("button", name="/我的数据 导出").click()
    with page.expect_download() as download:
        page.locator(".file").last.click()
    assert json.loads(Path(download.value.path()).read_text("utf-8"))


def test_the_roster_goes_out_as_a_file_and_comes_back_in(page: Page, tmp_path: Path) -> None:
    be(page, "管理员", "值守老师")
    page.locator("#replies").get_by_role("button", name="/导出").click()
    with page.expect_download() as download:
        page.locator(".robot .file").last.click()
    download.value.save_as(tmp_path / "名册.xlsx")
    wrong = tmp_path / "随手写的.xlsx"
    wrong.write_text("不是表格")
    say(page, "/导入")
    heard(page, "半小时内都等着")
    page.locator("#file").set_input_files(wrong)
    heard(page, "这不是 .xlsx 文件")
    page.locator("#file").set_input_files(tmp_path / "名册.xlsx")
    expect(page.locator(".mine .file").last).to_contain_text("名册.xlsx")
    heard(page, "名册导入好了")
    be(page, "干部", "团干部甲")
    enter(page, "青年一群")
    expect(page.get_by_role("button", name="发文件")).to_be_hidden()


def test_the_inspector_has_something_to_look_at(page: Page) -> None:
    be(page, "督导")
    heard(page, "A3 被提出异议")
    page.locator("#replies").get_by_role("button", name="/异议 A3", exact=True).click()
    heard(page, "找团干部甲了解之后")
    page.locator("#replies").get_by_role("button", name="/核验 A3").click()
    heard(page, "A3 没改过")


def test_a_dispute_reaches_the_inspector_and_only_him(page: Page) -> None:
    be(page, "青年", "青年26")
    page.locator("#replies").get_by_role("button", name="异议 A2").click()
    heard(page, "A2 先不算数")
    expect(page.locator("#roles label", has_text="督导").locator(".badge")).to_have_text("1")
    be(page, "督导")
    page.locator("#replies").get_by_role("button", name="异议 A2 不成立").click()
    heard(page, "A2 恢复了，照常算数")


def test_refusals_and_places_where_one_does_not_belong_are_said(page: Page) -> None:
    be(page, "督导")
    enter(page, "青年二群")
    expect(page.get_by_role("textbox")).to_be_disabled()
    expect(page.get_by_role("textbox")).to_have_attribute("placeholder", re.compile("不在这个群，只能看看"))
    enter(page, "团团")
    page.get_by_role("textbox").fill(" ")
    page.keyboard.press("Enter")
    expect(page.locator("#no")).to_contain_text("先写点什么再发")


def test_it_works_with_the_keyboard_alone(page: Page) -> None:
    page.get_by_role("radio", name="干部").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="青年")).to_be_checked()
    expect(page.locator("#who option:checked")).to_contain_text("青年")
    page.get_by_role("textbox").focus()
    page.keyboard.type("/我的心愿")
    page.keyboard.press("Enter")
    expect(page.locator(".mine .bubble").last).to_have_text("/我的心愿")
    for held in ("#rooms button >> nth=1", "#replies button >> nth=1"):
        page.locator(held).focus()
        page.keyboard.press("Enter")  # 列表重画了，停在哪个上还在哪个上
        expect(page.locator(held)).to_be_focused()


def test_pressing_twice_says_it_once_and_what_is_typed_meanwhile_stays(page: Page) -> None:
    be(page, "青年")
    mine = page.locator(".mine .bubble", has_text="/找团干")
    before = mine.count()
    page.locator("#sheets summary", has_text="名次").click()
    page.get_by_role("textbox").fill("/找团干")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("嗯")
    expect(mine).to_have_count(before + 1)
    expect(page.get_by_role("textbox")).to_have_value("嗯")
    expect(page.locator("#no")).to_be_empty()
    expect(page.locator(".sheet[open]", has_text="名次")).to_be_attached()  # 展开的不自己合上


def test_a_page_left_open_starts_over_when_the_afternoon_is_played_again(page: Page) -> None:
    before = {"play": "上一场", "now": "2026-11-18T14:00:00+08:00", "travelling": False, "lines": []}
    answers: list[Callable[[Route], None]] = [
        lambda route: route.fulfill(
            content_type="text/event-stream", body=f"retry: 10\ndata: {json.dumps(before)}\n\n"
        ),
        lambda route: route.fulfill(status=204),  # 正在重演，网页还没挂上：浏览器从此不再试
        lambda route: route.continue_(),
    ]
    page.route("**/try/news", lambda route: (answers.pop(0) if len(answers) > 1 else answers[0])(route))
    page.reload()
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator(".mine .bubble", has_text="/心愿墙").first).to_be_attached()


def test_next_monday_brings_the_digest(page: Page) -> None:
    be(page, "干部", "团干部甲")
    digests = page.locator(".robot .bubble", has_text="很久没聊的")
    before = digests.count()
    page.get_by_role("button", name="下周一 9:30").click()
    expect(page.locator("#time")).to_have_text(re.compile("周一 09:3"))
    expect(digests).not_to_have_count(before)
    expect(page.locator("#clock")).not_to_have_class(re.compile("going"))
    expect(page.locator("#sheets")).to_contain_text("同一件事对同一个人只说一次")
    expect(page.locator("#roles")).to_contain_text(re.compile(r"[1-9]"))


def test_a_talk_on_the_page_is_counted_and_explained(page: Page) -> None:
    for role, text in (
        ("干部", "社团招新的事想请你帮忙出出主意"),
        ("青年", "可以呀，我觉得先办一场体验课最好"),
        ("干部", "体验课放在周六下午大家都有空吗"),
        ("青年", "周六下午可以，我去问问器乐社的同学"),
    ):
        be(page, role)
        enter(page, "青年一群")
        say(page, text)
        expect(page.locator(".mine .bubble").last).to_have_text(text)
        page.get_by_role("button", name="过一分钟").click()
        expect(page.locator("#clock")).not_to_have_class(re.compile("going"))
    talked = page.locator(".sheet", has_text="后来聊的")
    expect(talked).to_contain_text("来回三轮以上")


@pytest.mark.parametrize(("width", "dark"), [(390, False), (320, True)])
def test_on_a_phone_nothing_scrolls_sideways_and_words_stand_out(
    browser: Browser, site: str, width: int, dark: bool
) -> None:
    with visiting(browser, site, width=width, height=844, dark=dark) as page:
        expect(page.locator(".sheet").first).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for box in ("#composer", "#log", "#roles", "#replies", ".top", "#why", "#who", "#send"):
            shape = page.locator(box).bounding_box()
            assert shape
            assert shape["x"] >= 0
            assert shape["x"] + shape["width"] <= width
        page.get_by_role("button", name="记了什么").click()
        expect(page.locator("#ledger")).to_be_in_viewport()
        faint = {text: ratio for text, ratio in page.evaluate(CONTRASTS).items() if ratio < 4.5}
        assert faint == {}


#: 看得见的字与它背后的底色，对比度各是多少（WCAG 的算法）
CONTRASTS = """() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = {};
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility({ visibilityProperty: true }) || node.closest("option")) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found[`${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 12)}`] = ratio;
  }
  return found;
}"""


@pytest.mark.parametrize("headers", [{"Host": "evil.example:80"}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("path", ["", "/state", "/news", "/sheets"])
def test_other_sites_cannot_reach_it(site: str, path: str, headers: dict[str, str]) -> None:
    assert ask(f"{site}{path}", headers)[0] == 403


def test_the_page_is_sealed(site: str) -> None:
    status, headers = ask(site, {})
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "path", ["/page/..%2fweb.py", "/page/web.py", "/pictures/1/0", "/pictures/0/0", "/files/99999/0"]
)
def test_what_is_not_there_is_not_there(site: str, path: str) -> None:
    assert ask(f"{site}{path}", {})[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/say", {"by": "1", "text": "我是谁"}, 409),
        ("/say", {"by": "10001", "group": "1", "text": "哪个群"}, 409),
        ("/say", {"by": "10001", "group": "600000001", "text": "不在群里"}, 409),
        ("/say", {"by": "10001", "text": "长" * 2001}, 409),
        ("/travel", {"to": "YESTERDAY"}, 409),
        ("/say", {"text": "少了一样"}, 422),
        ("/hand?by=1&name=a.xlsx", {}, 409),
        ("/hand?by=10001", {}, 422),
    ],
)
def test_bad_requests_get_a_clear_no(site: str, path: str, body: dict[str, str], status: int) -> None:
    headers = {"Content-Type": "application/json"}
    assert ask(f"{site}{path}", headers, json.dumps(body).encode())[0] == status


def ask(url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, Message]:
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers
