"""断电：进程在哪一刻被杀，重启后群聊恰好数一次，办过的心愿还在、只有一条，说不清的通知绝不重发。F10、F24。"""

import asyncio
import random
import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.gateway.frames import read_v11
from bot.gateway.hearing import as_heard
from bot.league.interactions import InteractionLog
from bot.league.notices import INTERRUPTED
from db.models import Scope
from tests import shared
from tests.process import BOSS, CADRE, YOUTH, Phone, Robot, bind, kill, message, start, stop, until
from tests.processes import midday_zone

pytestmark = pytest.mark.slow

SEED = 20260902
SELF, GROUPS = 10000, (300, 301)
YOUTHS = range(YOUTH, YOUTH + 12)
STRANGERS = range(30001, 30041)
#: 杀几次；每次之前、之后各说这么多句
KILLS, SCENE = 3, 320
WISHES = ["想学修自行车", "想看一场夜场电影", "想找人一起练口语"]
#: 一分钟的定时检查改成一秒，好等得到
HASTY = ("-c", "import bot.app; bot.app.TICK_EVERY = 1; from bot.__main__ import main; main()")

Frame = dict[str, Any]
Row = tuple[Any, ...]

COUNTS = (
    "SELECT g.group_id, day, messages, speakers, substantive, substantive_speakers, sessions"
    " FROM group_day JOIN chat_group g ON g.id = group_day.group_id ORDER BY 1, 2"
)
PAIRS = "SELECT cadre_id, youth_id, day, cadre_messages, youth_messages, sessions FROM interaction ORDER BY 1, 2, 3"
SUBMITTED = (
    "SELECT w.text, count(DISTINCT e.id), count(DISTINCT n.id) FROM wish w"
    " JOIN wish_event e ON e.wish_id = w.id JOIN notice n ON n.period LIKE 'W' || w.id || '/%'"
    " GROUP BY w.id ORDER BY w.id"
)
NOTICES = "SELECT text, state, reason FROM notice WHERE kind = 'wish.new' ORDER BY id"


async def test_killed_mid_flood_every_message_counts_once_and_an_acknowledged_wish_stays_one(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    scenes, ending = _afternoon(dice)
    frames = [frame for scene in scenes for frame in scene] + [ending]
    sizes = Counter(frame["group_id"] for frame in frames)
    clean = await _without_kills(tmp_path / "clean", frames)
    folder = tmp_path / "killed"
    await _bind(folder)
    told: list[Frame] = []
    again: list[Frame] = []
    for wish, scene in enumerate(scenes[:KILLS]):
        killed_at = await _live_until_killed(folder, wish, scene, told, again, dice)
        assert _stored(folder, "PRAGMA integrity_check") == [("ok",)]
        assert _stored(folder, SUBMITTED) == [(text, 1, 1) for text in WISHES[: wish + 1]], "答过的心愿没有丢"
        told += scene[killed_at:]  # 停着的时候群里照说
        again = [_wish_in(scene), *dice.sample(scene[:killed_at], 30)]
    robot = start(folder)
    try:
        async with Phone.online(robot, SELF, history=told) as phone:
            await _flood(phone, again, [])
            await _flood(phone, [*scenes[-1], ending], told)
            await phone.hears("pong 完")
            counted = [await robot.counts(group, sizes[group]) for group in GROUPS]
    finally:
        stop(robot)
    assert sum(counted) == len(frames) == len(told)
    assert _stored(folder, "PRAGMA integrity_check") == [("ok",)]
    assert _stored(folder, SUBMITTED) == [(text, 1, 1) for text in WISHES]
    assert (robot.rows(COUNTS), robot.rows(PAIRS)) == clean
    assert sum(row[-1] for row in clean[1]) > 10, "这一下午里要有够得上有效的往来"


async def _live_until_killed(
    folder: Path, wish: int, scene: list[Frame], told: list[Frame], again: list[Frame], dice: random.Random
) -> int:
    """说着说着就断电，返回说到了第几句；之前那条心愿已经答过。"""
    robot = start(folder)
    # 第二回的回答平台收到了，却不应一声：机器人还不知道办完了，重推的命令会再办一遍
    unanswered = ("send_msg", "send_group_msg") if wish == 1 else ()
    asked = scene.index(_wish_in(scene)) + 1
    killed_at = dice.randint(asked, len(scene) - 20)
    try:
        async with Phone.online(robot, SELF, history=told, unanswered=unanswered) as phone:
            await _flood(phone, again, [])
            await _flood(phone, scene[:asked], told)
            await until(lambda: _is_answered(phone, wish + 1), seconds=15)
            assert _is_answered(phone, wish + 1), phone.said
            await _flood(phone, scene[asked:killed_at], told)
            kill(robot)
    finally:
        kill(robot)
    return killed_at


async def test_a_notice_cut_off_anywhere_between_claim_and_receipt_is_unknown_and_never_said_again(
    tmp_path: Path,
) -> None:
    zone = midday_zone()  # 静默时段不送
    await bind(tmp_path, GROUPS[0], self_id=SELF)
    said: list[str] = []
    for wish, silent in enumerate(("get_friend_list", "send_private_msg")):  # 领了还没说；说了没有回音
        robot = start(tmp_path, TUAN_TIMEZONE=zone)
        try:
            async with Phone.online(robot, SELF, unanswered=(silent,)) as phone:
                await phone.send(phone.message(f"/心愿 {WISHES[wish]}", group=GROUPS[0]))
                await _called(phone, silent)
                kill(robot)
                said += _told_in_private(phone)
        finally:
            kill(robot)
        states = [state for _, state, _ in _stored(tmp_path, NOTICES)]
        assert states == ["claimed"] * (wish + 1), "领取还没到期，不动它"
    with closing(sqlite3.connect(tmp_path / "data" / "tuanbot.db")) as connection:
        connection.execute("UPDATE notice SET claimed_until = '2026-01-01 00:00:00+00:00' WHERE state = 'claimed'")
        connection.commit()

    robot = start(tmp_path, program=HASTY, TUAN_TIMEZONE=zone)
    try:
        async with Phone.online(robot, SELF) as phone:
            await phone.send(phone.message(f"/心愿 {WISHES[2]}", group=GROUPS[0]))
            await until(lambda: _settled(robot), seconds=15)
            said += _told_in_private(phone)
            assert (await robot.health())["notices"] == {"unknown": 2, "failed": 0}, "说不清的要让管事的人看见"
    finally:
        stop(robot)
    rows = robot.rows(NOTICES)
    assert [row[1:] for row in rows] == [("unknown", INTERRUPTED)] * 2 + [("sent", None)]
    assert said == [text for text, *_ in rows[1:]], "没说的也不补，说过的不说第二遍"


def _afternoon(dice: random.Random) -> tuple[list[list[Frame]], Frame]:
    """几段群聊，每段隔四十分钟、一秒三句，前几段里有一条心愿；最后一帧收尾。"""
    begin = int(time.time()) - 3 * 3600
    scenes = [[_line(dice, begin + n * 2400 + line // 3) for line in range(SCENE)] for n in range(KILLS + 1)]
    for scene, wish in zip(scenes, WISHES, strict=False):
        at = dice.randint(SCENE // 4, SCENE // 2)
        scene[at] = message(SELF, f"/心愿 {wish}", group=GROUPS[0], time=scene[at]["time"])
    return scenes, message(SELF, "/ping 完", user=BOSS, group=GROUPS[0], time=scenes[-1][-1]["time"])


def _line(dice: random.Random, at: int) -> Frame:
    """路人、青年、团干部的一句话；有闲话，有口水话，有人学舌，有人点名。"""
    user = dice.choices([dice.choice(STRANGERS), dice.choice(YOUTHS), CADRE], [5, 3, 1])[0]
    words = [
        dice.choice(part)
        for part in (["今晚", "周末", "下个月"], ["操场", "图书馆", "食堂"], ["几点开门", "还有空位吗"])
    ]
    text = dice.choice(["收到", "".join(words), f"{''.join(words)}{dice.choice('甲乙丙丁戊己庚辛')}组"])
    other = CADRE if user in YOUTHS else dice.choice(YOUTHS)
    parts = [{"type": "text", "data": {"text": text}}]
    if dice.random() < 0.5:
        parts.insert(0, {"type": "at", "data": {"qq": str(other)}})
    return message(SELF, text, user=user, group=dice.choice(GROUPS), time=at, message=parts)


async def _without_kills(folder: Path, frames: list[Frame]) -> tuple[list[Row], list[Row]]:
    """同样的话，一次也不断电，数出来的样子：各群各天的，各对各天的。"""
    await _bind(folder)
    url = f"sqlite://{folder / 'data' / 'tuanbot.db'}"
    async with shared.connected(url):
        log = InteractionLog(key=b"clean")
        await log.start()
        for frame in frames:
            spoken = read_v11(frame, {str(SELF)})
            assert spoken
            heard = as_heard(spoken, command=frame["raw_message"].startswith("/"))
            log.hear((Scope.QQ, str(frame["group_id"])), heard)
        await log.stop()
    return _stored(folder, COUNTS), _stored(folder, PAIRS)


async def _bind(folder: Path) -> None:
    folder.mkdir()
    await bind(folder, *GROUPS, self_id=SELF, youths=len(YOUTHS))


async def _flood(phone: Phone, frames: list[Frame], told: list[Frame]) -> None:
    """一秒四百句地说，平台都记着。"""
    for start_at in range(0, len(frames), 20):
        await asyncio.sleep(0.05)
        part = frames[start_at : start_at + 20]
        told += part
        await phone.send(*part)


def _wish_in(scene: list[Frame]) -> Frame:
    return next(frame for frame in scene if frame["raw_message"].startswith("/心愿"))


def _is_answered(phone: Phone, number: int) -> bool:
    """群里答过这条心愿了；给团干部的私聊不算。"""
    sends = [call["params"] for call in phone.calls if call["action"].startswith("send_")]
    return any(f"W{number}" in str(params["message"]) for params in sends if params.get("group_id"))


def _told_in_private(phone: Phone) -> list[str]:
    sends = [call["params"] for call in phone.calls if call["action"] == "send_private_msg"]
    return ["".join(part["data"]["text"] for part in params["message"]) for params in sends]


async def _called(phone: Phone, action: str) -> None:
    await until(lambda: any(call["action"] == action for call in phone.calls), seconds=15)
    assert any(call["action"] == action for call in phone.calls), phone.calls


def _settled(robot: Robot) -> bool:
    """三条通知都有了下落。"""
    states = [state for _, state, _ in robot.rows(NOTICES)]
    return len(states) == 3 and not {"due", "claimed"} & set(states)


def _stored(folder: Path, sql: str) -> list[Row]:
    """在断电后的文件的副本上查：替机器人恢复了，就看不出它自己会不会。"""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / "data", copy)
    with closing(sqlite3.connect(copy / "tuanbot.db")) as connection:
        return connection.execute(sql).fetchall()
