"""推送与好物的黑盒：真的进程、真的 WebSocket。"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, until
from tests.processes import midday_zone

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MARK = "绝不能进日志的话"


def seed(folder: Path) -> None:
    """G1 轮到了，等着送到群里。"""
    now = datetime.now(UTC)
    at, until = now.isoformat(" "), (now + timedelta(days=3)).isoformat(" ")
    with closing(sqlite3.connect(folder / "data" / "tuanbot.db")) as connection:
        connection.executescript(
            f"""
            INSERT INTO push (title, link, tags, unit_id, pushed_by, state, pushed_at)
                SELECT '{MARK}', 'https://b.edu.cn', '[]', unit_id, person_id, '推完了', '{at}' FROM cadre;
            INSERT INTO push_target (push_id, group_id, sent_at, missed) SELECT 1, id, '{at}', 0 FROM chat_group;
            INSERT INTO notice (kind, recipient, period, group_id, text, state, urgent, discreet, due_at, expires_at,
                    attempts, created_at)
                SELECT 'culture.push', 'g' || id, 'G1', id, '好物 G1：{MARK}', 'due', 0, 0, '{at}', '{until}', 0, '{at}'
                FROM chat_group;
            """
        )


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF, youths=6)
    seed(folder)
    with running(folder, platform, hidden=MARK, TUAN_TIMEZONE=midday_zone()) as robot:  # 静默时段不送
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = GROUP) -> None:
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    assert any(said.startswith(hears) for said in phone.said[before:]), phone.said[before:]


async def test_replies_to_a_push_are_counted_by_person(robot: Robot) -> None:
    """没人回复时说不到 5 人；同一帧来两次、同一人说两句都是一位；没加入的、团干部、口水话不算。"""
    async with online(robot, SELF, sent_as=-88) as phone:
        await until(lambda: f"好物 G1：{MARK}" in phone.said, seconds=15)
        await until(lambda: robot.rows("SELECT message_id FROM push_target") == [("-88",)], seconds=15)

        def reply(user: int, text: str, to: str = "-88") -> object:
            return phone.message(f"[@{SELF}] {text}", user=user, group=GROUP, quoting=(to, SELF))

        frames = [reply(YOUTH + number, f"{MARK}第{place}位说的") for number, place in enumerate("一二三四五")]
        await phone.send(*frames[:4], *frames[:2], reply(YOUTH, f"{MARK}又说了一句"))
        await phone.send(reply(YOUTH + 4, "好的"), reply(CADRE, f"{MARK}团干部说的"), reply(99, f"{MARK}没加入"))
        await phone.send(reply(YOUTH + 5, f"{MARK}回复的是另外一条", to="77"))
        await tell(phone, CADRE, "/推送 G1", f"G1 {MARK}\n回复的、说了看法的都不到 5 人，不列数", group=None)
        await phone.send(frames[4])
        wanted = [(5, 6)]
        await until(lambda: robot.rows("SELECT count(*), sum(messages) FROM push_reply") == wanted, seconds=15)
        await tell(phone, CADRE, "/推送 G1", f"G1 {MARK}\n回复 5 人 · 看法 不到 5 人", group=None)
        await tell(phone, YOUTH, "/好物 G1", f"G1 {MARK}\nhttps://b.edu.cn\n（去的是 b.edu.cn）\n回复 5 人 · 看法")
    assert robot.rows("SELECT count(*), sum(messages) FROM push_reply") == wanted


async def test_from_the_queue_to_an_opinion_and_a_subscription(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, YOUTH, "/推送 看懂五四 https://a.edu.cn 读书", "这条命令是给团干部用的。")
        await tell(phone, CADRE, "/推送 看懂五四 javascript:alert(1)", "javascript 开头的链接我不推")
        await tell(phone, CADRE, "/推送 请截图打卡 https://a.edu.cn", "“截图”这个说法先不发")
        await tell(phone, CADRE, f"/推送 {MARK} https://a.edu.cn 读书", f"G2 排上了，推给这个群：{MARK}（读书）。")
        await tell(phone, CADRE, "/推送 又来一次 https://a.edu.cn", f"这个链接推过了（G2 {MARK}）")
        await tell(phone, BOSS, "/推送", "排着的推送（1 条）", group=None)
        await tell(phone, YOUTH, "/好物", f"近来的好物\nG2 {MARK}（读书）\n　https://a.edu.cn")
        await tell(phone, YOUTH, f"/好物 G2 有用 {MARK}", "谢谢，G2 记下了：有用。")
        await tell(phone, YOUTH, "/好物 G2 嗯", "先写 有用 或 一般")
        await tell(phone, CADRE, "/推送 G2", "G2 ", group=None)
        await tell(phone, YOUTH, "/订阅 读书", "订上了，现在订着：读书。")
        await tell(phone, YOUTH, "/退订 电影", "你没有订“电影”")
        await tell(phone, YOUTH, "/退订", "退掉了：读书。")
        await tell(phone, CADRE, "/推送 取消 G2", "G2 撤下了")
    assert robot.rows("SELECT state FROM push WHERE id = 2") == [("撤下了",)]
    assert robot.rows("SELECT useful, words FROM opinion") == [(1, MARK)]
