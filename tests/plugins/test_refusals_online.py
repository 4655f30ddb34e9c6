"""每条命令的“不行”，对着真的进程、真的 WebSocket 一句一句问过去：说了什么，听到的那句话怎么开头。

话在 tests/data/refusals.txt，一行一句：`谁·在哪里·什么时候：说的话 → 听到的开头`；夹着的几句成了的，是后面要用的。
`钱超：` 是两位同时说的，总有一位听到后面那句。
"""

import itertools
import re
import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.league import roster
from bot.league.periods import on
from db.models import Contact, ContactState, GroupKind, Notice, NoticeState, RoleKind, Score, Unit, UnitKind
from tests import factories
from tests.chat import segments
from tests.process import BOSS, CADRE, YOUTH, Phone, Robot, library, until
from tests.travelling import Traveller

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
#: 一个星期三晚上：不往外推送，也还没到静默时段。钟停在这一刻，有的话是别的时候说的
AT = on(datetime(2026, 11, 18).date()).replace(hour=20, minute=30)
MOMENTS = {
    "五月": AT.replace(month=5, day=20),
    "半小时后": AT + timedelta(minutes=30),
    "今晚": AT.replace(hour=23),
    "开始前": AT.replace(day=20, hour=14, minute=30),
    "开始后": AT.replace(day=20, hour=15, minute=10),
    "过几天": AT + timedelta(days=7),
    "十二月": AT.replace(month=12, day=5),
    "元旦": AT.replace(year=2027, month=1, day=2),
}
PLACES = {"群": GROUP, "王群": GROUP + 1, "工作群": GROUP + 2, "没绑": GROUP + 99}
#: 李、王、同（也姓王）、周是团干部，赵、钱管单位，孙是督导；青、次、三、默联系着李，旁联系着王，两联系着两位；
#: 外、生、忙、急不认识
PEOPLE = {
    "李": CADRE, "青": YOUTH, "次": YOUTH + 1, "三": YOUTH + 2, "默": 30002, "旁": 20012, "两": 20015,
    "王": 20011, "同": 20013, "周": 20014, "赵": 20201, "钱": 20202, "孙": 20203, "超": BOSS,
    "外": 99, "生": 98, "忙": 96, "急": 95,
}  # fmt: skip
_LINE = re.compile(r"(\w+)((?:·\w+)*)：(.*) → (.+)")
#: 绑定的六位码，签到的四位码
_CODE = re.compile(r"(?<!\d)(?:\d{6}|\d{4})(?!\d)")


class Ask(NamedTuple):
    """一问一答；`users` 不止一位，是同时说的。"""

    users: tuple[int, ...]
    group: int | None
    at: datetime
    text: str
    hears: str


class Room(NamedTuple):
    """机器人，和连着它的那个账号。"""

    robot: Robot
    phone: Phone


def sections() -> dict[str, list[Ask]]:
    """一节一节的话。"""
    found: dict[str, list[Ask]] = {}
    asks: list[Ask] = []
    for line in (Path(__file__).parent.parent / "data" / "refusals.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            asks = found[line.removeprefix("== ")] = []
        elif line:
            asks.append(read(line))
    return found


def read(line: str) -> Ask:
    """`好×31` 是 31 个好，`(好的)×2` 是好的好的，`[@李]` 是提到李，`[@1…3]` 是提到三位，`[码]` 是最近听到的码。"""
    parts = _LINE.fullmatch(line)
    assert parts, line
    where = [word for word in parts[2].split("·") if word]
    text = re.sub(r"\((.+?)\)×(\d+)", lambda many: many[1] * int(many[2]), parts[3])
    text = re.sub(r"(\S)×(\d+)", lambda many: many[1] * int(many[2]), text)
    text = re.sub(r"\[@([^\W\d])\]", lambda one: f"[@{PEOPLE[one[1]]}]", text)
    text = re.sub(r"\[@(\d+)…(\d+)\]", lambda ends: _mentions(int(ends[1]), int(ends[2])), text)
    group = next((PLACES[word] for word in where if word in PLACES), None)
    at = next((MOMENTS[word] for word in where if word in MOMENTS), AT)
    assert all(word in PLACES or word in MOMENTS for word in where), line
    return Ask(tuple(PEOPLE[one] for one in parts[1]), group, at, text, parts[4])


def _mentions(first: int, last: int) -> str:
    return "".join(f"[@{user}]" for user in range(first, last + 1))


async def settle_in(folder: Path) -> None:
    """软件学院的李（群 300、工作群 302）与它的团支部的周；法学院的两位王（群 301）。"""
    async with library(folder):
        school = await factories.school()
        software = await factories.branch("软件学院团总支", school)
        law = await factories.branch("法学院团总支", school)
        branch: Unit = await roster.add_unit("软件2401团支部", UnitKind.BRANCH, software)
        li = await factories.cadre(PEOPLE["李"], "李老师", software)
        group = await factories.group(PLACES["群"], li)
        for user in (PEOPLE[one] for one in "青次三默"):
            await factories.youth(user, li, group)
        wang = await factories.cadre(PEOPLE["王"], "王老师", law)
        await factories.youth(PEOPLE["旁"], wang, await factories.group(PLACES["王群"], wang))
        both = await factories.youth(PEOPLE["两"], li, group)
        await Contact.create(cadre=wang, youth=both, state=ContactState.ACTIVE, since=factories.AT)
        await factories.cadre(PEOPLE["同"], "王老师", law)
        await factories.cadre(PEOPLE["周"], "周老师", branch)
        for quarter in ("2025Q3", "2025Q4"):
            await Score.create(quarter=quarter, cadre=wang, total=80, facts={}, computed_at=AT)
        await factories.group(PLACES["工作群"], li, GroupKind.WORK)
        await factories.admin(PEOPLE["赵"], "赵书记", software)
        await factories.admin(PEOPLE["钱"], "钱部长", school)
        emptied = {"recipient": f"p{wang.person_id}", "period": "W1", "due_at": AT, "expires_at": AT, "created_at": AT}
        await Notice.create(kind="wish.new", person_id=wang.person_id, state=NoticeState.FAILED, **emptied)
        await factories.admin(PEOPLE["孙"], "孙督导", school, RoleKind.INSPECTOR)


@pytest.fixture(scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    folder = tmp_path_factory.mktemp("robot")
    await settle_in(folder)
    bot = Traveller(folder, f"sqlite://{folder / 'data' / 'tuanbot.db'}", SELF)
    async with bot.living(AT, TUAN_SHADOW_QUARTERS="2026Q1") as (robot, phone):
        bot.hold()
        yield Room(robot, phone)
        assert "Traceback" not in robot.log


@pytest.mark.parametrize("section", sections())
async def test_each_no_is_said_with_its_sentence(room: Room, section: str) -> None:
    for ask in sections()[section]:
        await say(room, ask)


async def test_each_file_it_cannot_take_is_refused_with_its_sentence(room: Room) -> None:
    await say(room, read("超：/导入 → 填好发回给我，"))
    for hears, kind, data in (
        ("这是 QQ 的在线传送，我收不了。", "onlinefile", {"name": "一.xlsx"}),
        ("这份文件太大了，我只收 10 MB 以内的。", "file", {"name": "二.xlsx", "file_size": "20000000"}),
        ("文件没取到，请再发一次。", "file", {"name": "三.xlsx"}),
    ):
        ask = Ask((BOSS,), None, AT, data["name"], hears)
        await tell(room, ask, [{"type": kind, "data": data}])


async def say(room: Room, ask: Ask) -> None:
    """说一句，等到那句回答。"""
    text = ask.text.replace("[码]", _CODE.findall("\n".join(room.phone.said))[-1]) if "[码]" in ask.text else ask.text
    await tell(room, ask, segments(text))


async def tell(room: Room, ask: Ask, message: list[dict[str, Any]]) -> None:
    """上一句的搭车的话可能晚到。几个人同时说的，机器人先停一停，一睁眼都在那里了。"""
    robot, phone = room
    before = len(phone.calls)
    robot.process.send_signal(signal.SIGSTOP)
    for user in ask.users:
        frame = phone.message(ask.text, user=user, group=ask.group, message=message, time=int(ask.at.timestamp()))
        await phone.send(frame)
    robot.process.send_signal(signal.SIGCONT)
    await until(lambda: any(is_said(ask, said) for said in answers(phone, before)), seconds=15)
    heard = answers(phone, before)
    assert any(is_said(ask, said) for said in heard), (ask.text, heard)


def is_said(ask: Ask, said: str) -> bool:
    """开头是那一句；等的是码，就是开头有码。"""
    return bool(_CODE.match(said)) if ask.hears == "[码]" else said.startswith(ask.hears)


def answers(phone: Phone, since: int) -> list[str]:
    """`since` 之后的回答里的文字。"""
    told = (
        call["params"]["message"] for call in itertools.islice(phone.calls, since, None) if call["action"] == "send_msg"
    )
    return ["".join(part["data"].get("text", "") for part in message) for message in told]
