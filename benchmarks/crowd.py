"""灌进去的人与话：一百个群、一百位团干部、五千名青年，和他们说的每一句。"""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

GROUPS, YOUTHS_EACH = 100, 50
SELF_ID, SUPERUSER = 10000, 10001
#: 每个群每分钟约三十条，是很热闹的群
EVENTS_PER_SECOND = 50
LOCAL = timezone(timedelta(hours=8))

_PHRASES = """\
今天下午 明天早上 这周五 周末 下周 月底前 期末 国庆前 昨天 刚才 晚饭后 开会前
图书馆 篮球场 招聘会 志愿队 就业中心 学生社区 青年公寓 食堂 合唱团 读书会 实验室 校医院
有没有空位 还缺几个人 要准备什么材料 在哪里登记 改到几点了 人多不多 谁一起去 能不能早点来 怎么报名 可以带朋友吗
我想过去看看 麻烦帮我问一声 同学托我打听 上回没赶上 有点着急 先谢谢啦 我们班都想知道 不方便就算了 回头告诉你们
"""
#: 一句话由四截拼成，一万多种；数字不算内容，所以不能靠编号凑不同
PHRASES = [line.split() for line in _PHRASES.splitlines()]
SMALL_TALK = ("收到", "好的", "+1", "哈哈哈哈", "谢谢老师", "👍👍", "1")


@dataclass
class Flood:
    """要灌的全部帧，和应当数出来的数。"""

    frames: list[str]
    #: 第几帧是第几声 `/ping`
    pings: dict[int, int]
    #: (群号, 本地日期) → 条数
    messages: Counter[tuple[str, str]]
    #: (群号, 本地日期) → 说过话的人
    speakers: dict[tuple[str, str], set[int]]


def cadre_of(group: int) -> int:
    """群里团干部的账号。"""
    return 20_000_000 + group


def youth_of(group: int, index: int) -> int:
    """群里第几名青年的账号。"""
    return 30_000_000 + group * YOUTHS_EACH + index


def group_number(group: int) -> int:
    """平台群号。"""
    return 600_000_000 + group


def compose(count: int, ping_every: int, *, until: float, first: int) -> Flood:
    """编好 `count` 条群消息，编号从 `first` 起，最后一条的时间是 `until`。"""
    chance = random.Random(first)
    start = until - count / EVENTS_PER_SECOND
    flood = Flood([], {}, Counter(), {})
    for number in range(first, first + count):
        group = chance.randrange(GROUPS)
        at = int(start + (number - first) / EVENTS_PER_SECOND)
        user = cadre_of(group) if chance.random() < 0.2 else youth_of(group, chance.randrange(YOUTHS_EACH))
        message = _words(chance, group)
        if ping_every and (number - first) % ping_every == ping_every - 1:
            user, message = SUPERUSER, [{"type": "text", "data": {"text": f"/ping {number}"}}]
            flood.pings[len(flood.frames)] = number
        flood.frames.append(frame_of(number, group, user, at, message))
        key = (str(group_number(group)), datetime.fromtimestamp(at, LOCAL).date().isoformat())
        flood.messages[key] += 1
        flood.speakers.setdefault(key, set()).add(user)
    return flood


def _words(chance: random.Random, group: int) -> list[dict[str, object]]:
    text = chance.choice(SMALL_TALK) if chance.random() < 0.3 else "".join(map(chance.choice, PHRASES))
    parts: list[dict[str, object]] = [{"type": "text", "data": {"text": text}}]
    if chance.random() < 0.15:
        parts.insert(0, {"type": "at", "data": {"qq": str(youth_of(group, chance.randrange(YOUTHS_EACH)))}})
    if chance.random() < 0.07:
        parts.append({"type": "face", "data": {"id": str(chance.randrange(200))}})
    return parts


def frame_of(number: int, group: int, user: int, at: int, message: list[dict[str, object]]) -> str:
    """一条 NapCat 样子的群消息。"""
    identity = 1_000_000_000 + number
    return json.dumps(
        {
            "self_id": SELF_ID,
            "user_id": user,
            "time": at,
            "message_id": identity,
            "message_seq": identity,
            "real_id": identity,
            "real_seq": str(number),
            "message_type": "group",
            "sender": {"user_id": user, "nickname": f"用户{user}", "card": "", "role": "member"},
            "raw_message": "".join(str(part["data"]) for part in message),
            "font": 14,
            "sub_type": "normal",
            "message": message,
            "message_format": "array",
            "post_type": "message",
            "group_id": group_number(group),
            "group_name": f"青年{group}群",
        },
        ensure_ascii=False,
    )


async def settle_in(url: str) -> None:
    """建好单位、团干部、群与已加入的青年。"""
    import db
    from bot.league import roster
    from db import models

    await db.migrate(url)
    await db.connect(url)
    try:
        at = datetime.now(UTC) - timedelta(days=30)
        unit = await roster.add_unit("示例大学团委", models.UnitKind.SCHOOL)
        await models.Person.bulk_create(
            [models.Person(created_at=at) for _ in range(GROUPS * (1 + YOUTHS_EACH))], batch_size=500
        )
        people = await models.Person.all().order_by("id")
        owners = [(cadre_of(group), people[group]) for group in range(GROUPS)]
        members = [
            (group, youth_of(group, index), people[GROUPS + group * YOUTHS_EACH + index])
            for group in range(GROUPS)
            for index in range(YOUTHS_EACH)
        ]
        accounts = [*owners, *((user, person) for _, user, person in members)]
        await models.Account.bulk_create(
            [models.Account(scope=models.Scope.QQ, user_id=str(user), person=person) for user, person in accounts],
            batch_size=500,
        )
        kind = models.CadreKind.FULL_TIME
        await models.Cadre.bulk_create(
            [models.Cadre(person=person, unit=unit, kind=kind, quota=100, since=at) for _, person in owners]
        )
        cadres = await models.Cadre.all().order_by("person_id")
        await models.Group.bulk_create(
            [
                models.Group(
                    scope=models.Scope.QQ,
                    group_id=str(group_number(group)),
                    self_id=str(SELF_ID),
                    kind=models.GroupKind.YOUTH,
                    cadre=cadres[group],
                    unit=unit,
                    bound_at=at,
                )
                for group in range(GROUPS)
            ]
        )
        groups = await models.Group.all().order_by("id")
        active = models.ContactState.ACTIVE
        await models.Consent.bulk_create(
            [models.Consent(person=p, version="1", group=groups[g], given_at=at) for g, _, p in members], batch_size=500
        )
        await models.Contact.bulk_create(
            [
                models.Contact(cadre=cadres[group], youth=person, group=groups[group], state=active, since=at)
                for group, _, person in members
            ],
            batch_size=500,
        )
    finally:
        await db.close()
