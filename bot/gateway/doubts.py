"""核对说不清的通知：去平台的历史记录里找自己说过的那句话。

找到了，就是送到了；确实没有，才重送，而且只这一次；平台没有历史、看不明白的，就那样留着，绝不盲目重发。
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, AdapterException

from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.frames import Frame, pairs_v11
from bot.gateway.histories import turn_back
from bot.gateway.long_texts import LONGEST
from bot.gateway.obstacles import Obstacles
from bot.gateway.roads import Live, live
from bot.league import doubts, notices, pushes, replies
from bot.league.notices import LEASE
from db.models import Account, Group, Notice

#: 说完过这么久再去找：历史记录会迟一点
SETTLED = timedelta(minutes=2)
#: 平台的钟与我们的差多少还算同一刻
SKEW = timedelta(minutes=1)
#: 账号一直不在线、问了不答，过这么久就不再问
GIVE_UP = timedelta(days=1)
#: 一次至多问这么多条
BOUND = 20


class Verdict(StrEnum):
    """核对的结果。"""

    THERE = "送到了"
    ABSENT = "确实没有"
    UNCLEAR = "看不明白"
    LATER = "现在问不到"


@dataclass(frozen=True)
class _Road:
    """可能说过的一处：谁、用哪个接口、对谁。"""

    bot: v11.Bot
    action: str
    of: dict[str, int]


async def look(at: datetime, obstacles: Obstacles) -> int:
    """把该核对的都核对一遍，返回有了下落（送到、重送、没送到）的条数。"""
    bots = live(obstacles)
    settled = asked = 0
    for notice in await doubts.doubtful(at - SETTLED):
        assert notice.claimed_until
        tried_at = notice.claimed_until - LEASE
        roads = await _roads(notice, bots)
        verdict, message_id = Verdict.LATER, None
        if roads and asked < BOUND:
            asked += 1
            verdict, message_id = await _verdict(notice, roads, tried_at)
        if verdict is Verdict.LATER and at - tried_at < GIVE_UP:
            continue
        if verdict is Verdict.THERE:
            if notice.kind == pushes.KIND and message_id:
                await replies.went_out(notice, message_id)
            settled += await doubts.found(notice, at=at)
        elif verdict is Verdict.ABSENT and notice.tried_by is not None:
            settled += await doubts.not_found(notice, at=at)
        else:
            await doubts.leave_unknown(notice)
    return settled


async def _roads(notice: Notice, bots: Live) -> list[_Road]:
    """该去哪几处找；说那句话的账号此刻不在线就是空。断电断掉的不知道是哪个账号，凡可能的都看。"""
    ours = {f"{scope}:{self_id}": bot for (scope, self_id), bot in bots.items() if isinstance(bot, v11.Bot)}
    if notice.group_id:
        group = await Group.get(id=notice.group_id)
        bot = ours.get(notice.tried_by or f"{group.scope}:{group.self_id}")
        return [_Road(bot, "get_group_msg_history", {"group_id": int(group.group_id)})] if bot else []
    found: list[_Road] = []
    for account in await Account.filter(person_id=notice.person_id):
        for name, bot in ours.items():
            if name.startswith(f"{account.scope}:") and notice.tried_by in (None, name) and account.user_id.isdigit():
                found.append(_Road(bot, "get_friend_msg_history", {"user_id": int(account.user_id)}))
    return found


async def _verdict(notice: Notice, roads: Iterable[_Road], tried_at: datetime) -> tuple[Verdict, str | None]:
    """(核对的结果, 送到了的那条的消息号)。"""
    found = dict([await _look_on(road, notices.worded(notice, tried_at), tried_at) for road in roads])
    for verdict in (Verdict.THERE, Verdict.LATER, Verdict.UNCLEAR):
        if verdict in found:
            return verdict, found[verdict]
    return Verdict.ABSENT, None


async def _look_on(road: _Road, text: str, tried_at: datetime) -> tuple[Verdict, str | None]:
    told: list[Frame] = []
    since = (tried_at - SKEW).astimezone(UTC).timestamp()

    def wanted(page: list[Frame]) -> bool:
        known = len(told)
        told.extend(frame for frame in page if frame not in told)
        return len(told) > known and all(_time(frame) > since for frame in page)

    if not capabilities.able(road.bot, Ability.HISTORY):
        return Verdict.UNCLEAR, None
    try:
        await turn_back(road.bot, road.action, wanted=wanted, **road.of)
    except ActionFailed as error:
        capabilities.tried(road.bot, Ability.HISTORY, error)
        return Verdict.UNCLEAR, None  # 没有这个接口，或已经不在群里
    except (AdapterException, TimeoutError):
        return Verdict.LATER, None
    ours = [frame for frame in told if _time(frame) >= since and _plain(frame) == _folded(text)]
    message_id = str(ours[-1].get("message_id") or "") if ours else None
    return judge(told, road.bot.self_id, text, since=since), message_id


def judge(told: list[Frame], self_id: str, text: str, *, since: float) -> Verdict:
    """`told` 是取到的历史。要说“确实没有”，得看得到那一刻以前，记录里有我们自己的话，且那以后我们的话句句读得懂。"""
    ours = [frame for frame in told if str(frame.get("user_id")) == self_id]
    after = [frame for frame in ours if _time(frame) >= since]
    if any(_plain(frame) == _folded(text) for frame in after):
        return Verdict.THERE
    if len(text) > LONGEST:
        return Verdict.UNCLEAR  # 长的会拆成几条说，找不到整段不等于没说过
    whole = any(_time(frame) < since for frame in told)
    if whole and ours and all(_plain(frame) is not None for frame in after):
        return Verdict.ABSENT
    return Verdict.UNCLEAR


def _plain(frame: Frame) -> str | None:
    """一句纯文字（可以点名）的话；有图片、转发之类就 `None`。"""
    parts = list(pairs_v11(frame))
    if not parts or any(kind not in ("text", "at") for kind, _ in parts):
        return None
    return _folded("".join(str(data.get("text") or "") for kind, data in parts if kind == "text"))


def _folded(text: str) -> str:
    """各家存下的空白、全半角不尽相同。"""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _time(frame: Frame) -> float:
    """没有时间的当作很久以前：不能凭它说送到了。"""
    time = frame.get("time")
    return float(time) if isinstance(time, int | float) else 0.0
