"""每条命令的“不行”，对着真的进程、真的 WebSocket 一句一句问过去：说了什么，听到的那句话怎么开头。

话在 tests/data/refusals.txt，一行一句：`谁·在哪里·什么时候：说的话 → 听到的开头`；夹着的几句成了的，是后面要用的。
"""

import itertools
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.league import roster
from bot.league.periods import on
from db.models import Contact, ContactState, GroupKind, RoleKind, Unit, UnitKind
from tests import factories
from tests.chat import segments
from tests.process import BOSS, CADRE, YOUTH, Phone, library, until
from tests.travelling import Traveller

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
#: 一个星期三晚上：不往外推送，也还没到静默时段。钟停在这一刻，有的话是别的时候说的
AT = on(datetime(2026, 11, 18).date()).replace(hour=20, minute=30)
MOMENTS = {
    "五月": AT.replace(month=5, day=20),
    "半小时后": AT + timedelta(minutes=30),
    "今晚": AT.replace(hour=23),
    "开始后": AT.replace(day=20, hour=15, minute=10),
    "过几天": AT + timedelta(days=7),
    "十二月": AT.replace(month=12, day=5),
    "元旦": AT.replace(year=2027, month=1, day=2),
}
PLACES = {"群": GROUP, "王群": GROUP + 1, "工作群": GROUP + 2, "没绑": GROUP + 99}
#: 李、王、同（也姓王）、周是团干部，赵、钱管单位，孙是督导；青、次、三联系着李，旁联系着王，两联系着两位；外、生不认识
PEOPLE = {"李": CADRE, "青": YOUTH, "次": YOUTH + 1, "三": YOUTH + 2, "旁": 20012, "外": 99, "生": 98, "超": BOSS} | {
    "王": 20011, "同": 20013, "周": 20014, "赵": 20201, "钱": 20202, "孙": 20203, "两": 20015
}  # fmt: skip
_LINE = re.compile(r"(\w)((?:·\w+)*)：(.*) → (.+)")


class Ask(NamedTuple):
    """一问一答。"""

    user: int
    group: int | None
    at: datetime
    text: str
    hears: str


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
    """`好×31` 是 31 个好，`(好的)×2` 是好的好的，`[@李]` 是提到李。"""
    parts = _LINE.fullmatch(line)
    assert parts, line
    where = [word for word in parts[2].split("·") if word]
    text = re.sub(r"\((.+?)\)×(\d+)", lambda many: many[1] * int(many[2]), parts[3])
    text = re.sub(r"(\S)×(\d+)", lambda many: many[1] * int(many[2]), text)
    text = re.sub(r"\[@(\w)\]", lambda one: f"[@{PEOPLE[one[1]]}]", text)
    group = next((PLACES[word] for word in where if word in PLACES), None)
    at = next((MOMENTS[word] for word in where if word in MOMENTS), AT)
    assert all(word in PLACES or word in MOMENTS for word in where), line
    return Ask(PEOPLE[parts[1]], group, at, text, parts[4])


async def settle_in(folder: Path) -> None:
    """软件学院的李（群 300、工作群 302）与它的团支部的周；法学院的两位王（群 301）。"""
    async with library(folder):
        school = await factories.school()
        software = await factories.branch("软件学院团总支", school)
        law = await factories.branch("法学院团总支", school)
        branch: Unit = await roster.add_unit("软件2401团支部", UnitKind.BRANCH, software)
        li = await factories.cadre(PEOPLE["李"], "李老师", software)
        group = await factories.group(PLACES["群"], li)
        for user in (*(PEOPLE[one] for one in "青次三"), 30002):
            await factories.youth(user, li, group)
        wang = await factories.cadre(PEOPLE["王"], "王老师", law)
        await factories.youth(PEOPLE["旁"], wang, await factories.group(PLACES["王群"], wang))
        both = await factories.youth(PEOPLE["两"], li, group)
        await Contact.create(cadre=wang, youth=both, state=ContactState.ACTIVE, since=factories.AT)
        await factories.cadre(PEOPLE["同"], "王老师", law)
        await factories.cadre(PEOPLE["周"], "周老师", branch)
        await factories.group(PLACES["工作群"], li, GroupKind.WORK)
        await factories.admin(PEOPLE["赵"], "赵书记", software)
        await factories.admin(PEOPLE["钱"], "钱部长", school)
        await factories.admin(PEOPLE["孙"], "孙督导", school, RoleKind.INSPECTOR)


@pytest.fixture(scope="module")
async def phone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phone]:
    folder = tmp_path_factory.mktemp("robot")
    await settle_in(folder)
    bot = Traveller(folder, f"sqlite://{folder / 'data' / 'tuanbot.db'}", SELF)
    async with bot.living(AT) as (robot, phone):
        bot.hold()
        yield phone
        assert "Traceback" not in robot.log


@pytest.mark.parametrize("section", sections())
async def test_each_no_is_said_with_its_sentence(phone: Phone, section: str) -> None:
    for ask in sections()[section]:
        heard = await say(phone, ask)
        assert any(said.startswith(ask.hears) for said in heard), (ask.text, heard)


async def say(phone: Phone, ask: Ask) -> list[str]:
    """说一句，等到那句回答；上一句的搭车的话可能晚到。"""
    before = len(phone.calls)
    message, at = segments(ask.text), int(ask.at.timestamp())
    await phone.send(phone.message(ask.text, user=ask.user, group=ask.group, message=message, time=at))
    await until(lambda: any(said.startswith(ask.hears) for said in answers(phone, before)), seconds=15)
    return answers(phone, before)


def answers(phone: Phone, since: int) -> list[str]:
    """`since` 之后的回答里的文字。"""
    told = (
        call["params"]["message"] for call in itertools.islice(phone.calls, since, None) if call["action"] == "send_msg"
    )
    return ["".join(part["data"].get("text", "") for part in message) for message in told]
