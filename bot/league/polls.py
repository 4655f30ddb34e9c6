"""投票：不记名，一人一票。谁投过是一个指纹，哪项几票是一个数，两样分开放，连不起来，所以投了不能改。"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from bot.league import hosts, steps, topics, wordings, words
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db import sql
from db.models import Account, Ballot, Contact, ContactState, Group, Poll, PollOption, PollState, Topic, TopicState

EXAMPLE = "/投票 周末去哪 爬山/看展/桌游"
#: 一天没人收就自己收
LASTS = timedelta(hours=24)
#: 满五票才公布：票少了，看结果就猜得到谁投了什么
SHOWN_FROM = 5
#: 几个选项，每个至多几个字，题目至多几个字
OPTIONS_MIN, OPTIONS_MAX, OPTION_MAX, TITLE_MAX = 2, 9, 30, 40


_AROUND = re.compile(r"\s*[/／|｜]\s*")


class PollAction(StrEnum):
    """投票的每一步。"""

    VOTE = "投"
    CLOSE = "收"


#: 表里没有的都不行
STEPS: dict[tuple[PollState, PollAction], PollState] = {
    (PollState.OPEN, PollAction.VOTE): PollState.OPEN,
    (PollState.OPEN, PollAction.CLOSE): PollState.CLOSED,
}


@dataclass(frozen=True)
class Count:
    """一次投票，选项按次序。"""

    poll: Poll
    options: tuple[PollOption, ...]

    @property
    def votes(self) -> int:
        """一共几票。"""
        return sum(option.votes for option in self.options)

    @property
    def shown(self) -> bool:
        """公布各项几票：结束了，且满五票。没结束时不给，前后一比就知道刚才那一票投了谁。"""
        return self.poll.state is PollState.CLOSED and self.votes >= SHOWN_FROM


def read(text: str) -> tuple[str, list[str]]:
    """`题目 甲/乙/丙`，或一行题目、一行一个选项 → (题目, 选项)。"""
    lines = [" ".join(_AROUND.sub("/", line).split()) for line in words.tidy(text).splitlines() if line.strip()]
    if len(lines) > 2:
        title, options = lines[0], lines[1:]
    else:
        title, _, listed = " ".join(lines).rpartition(" ")
        options = [option.strip() for option in listed.split("/") if option.strip()]
    title, options = words.mask(title), [words.mask(option) for option in options]
    plain = [_plain(option) for option in options]
    if not title or not OPTIONS_MIN <= len(options) <= OPTIONS_MAX or len(set(plain)) < len(options):
        raise Refusal(
            f"投票写成 题目 甲/乙/丙，{OPTIONS_MIN} 到 {OPTIONS_MAX} 个不一样的选项用 / 隔开，例如：{EXAMPLE}"
        )
    if len(title) > TITLE_MAX or any(len(option) > OPTION_MAX for option in options):
        raise Refusal(f"题目 {TITLE_MAX} 个字以内，每个选项 {OPTION_MAX} 个字以内，短一点好投。")
    places = [str(place) for place in range(1, len(options) + 1)]
    if any(one in places and one != place for one, place in zip(plain, places, strict=True)):
        raise Refusal("选项是数字的，写上单位，例如 2人/3人/4人，免得和第几项分不清。")
    return title, options


def _plain(option: str) -> str:
    return unicodedata.normalize("NFKC", option).strip().casefold()


async def start(by: Speaker, group: Group, text: str, *, at: datetime) -> Count:
    """在群里开一次投票；群里开着话题，就算在那个话题里。"""
    await hosts.check_host(by, group, "投票")
    async with in_transaction():
        title, options = read(await wordings.allow(by, text, subject=f"g{group.id}", at=at))
        await Group.select_for_update(no_key=True).get(id=group.id)
        if running := await current(group):
            raise Refusal(f"群里正投着“{running.title}”（{running.number}），先发 /投票 结束，再开新的。")
        topic = await topics.current(group)
        topic = topic if topic and topic.ends_at > at else None
        poll = await Poll.create(
            group=group,
            topic=topic,
            title=title,
            opened_by=by.person_id,
            state=PollState.OPEN,
            opened_at=at,
            ends_at=min(at + LASTS, topic.ends_at) if topic else at + LASTS,
        )
        rows = [PollOption(poll=poll, place=place, text=option) for place, option in enumerate(options, 1)]
        await PollOption.bulk_create(rows)
    return await count(poll)


async def current(group: Group) -> Poll | None:
    """群里开着的投票。"""
    return await Poll.get_or_none(group_id=group.id, state=PollState.OPEN)


async def latest(group: Group) -> Poll | None:
    """群里最近的一次投票。"""
    return await Poll.filter(group_id=group.id).order_by("-id").first()


async def count(poll: Poll) -> Count:
    """连同各项票数；给不给人看由 `Count.shown` 定。"""
    return Count(poll, tuple(await PollOption.filter(poll_id=poll.id).order_by("place")))


async def vote(by: Speaker, choice: str, *, at: datetime, group: Group | None, poll_id: int | None = None) -> Poll:
    """投一票；`choice` 是第几项，或选项的原文。一人一票，投了不能改。"""
    if by.is_cadre:
        raise Refusal("投票是听青年的，团干部等着看结果就好。")
    found = await _votable(by, group, poll_id)
    voters = await _voters(by, found.id)
    async with in_transaction():
        poll = await Poll.select_for_update(no_key=True).get(id=found.id)
        _step(poll, PollAction.VOTE)
        if at > poll.ends_at:
            raise Refusal(f"{poll.number} 到点了，不再收票。")
        option = _chosen(choice, await PollOption.filter(poll_id=poll.id).order_by("place"))
        rows = ", ".join(f"(${place}, $1)" for place in range(2, len(voters) + 2))
        claimed = f"INSERT INTO ballot (voter, poll_id) VALUES {rows} ON CONFLICT DO NOTHING RETURNING voter"
        if len(await sql.query(claimed, poll.id, *voters)) < len(voters):
            raise Refusal("你投过了。不留谁投了哪项，所以也改不了。")
        await PollOption.filter(id=option.id).update(votes=F("votes") + 1)
    return poll


def _chosen(choice: str, options: Sequence[PollOption]) -> PollOption:
    for option in options:
        if _plain(choice) in (str(option.place), _plain(option.text)):
            return option
    raise Refusal(f"投第几项？写 1 到 {len(options)} 的数字，例如：/投 2")


async def _votable(by: Speaker, group: Group | None, poll_id: int | None) -> Poll:
    """群里的就是群里那一次；私聊的在自己的几个群里找，不止一次就要写编号。"""
    here = Poll.filter(state=PollState.OPEN)
    if group is not None:
        here = here.filter(group_id=group.id)
    else:
        mine = Contact.filter(youth_id=by.person_id or 0, state=ContactState.ACTIVE)
        rows = await mine.values_list("group_id", "cadre_id")
        cadres = [cadre for _, cadre in rows]
        here = here.filter(Q(group_id__in=[place for place, _ in rows if place]) | Q(group__cadre_id__in=cadres))
    found = await here.order_by("id")
    if poll_id is not None:
        found = [poll for poll in found if poll.id == poll_id]
    if not found:
        raise Refusal("现在没有开着的投票。" if group else "没找到你能投的。在群里投，或先在群里 /加入，再私聊我投。")
    if len(found) > 1:
        listed = "、".join(f"{poll.number} {poll.title}" for poll in found[:5])
        raise Refusal(f"有几个投票开着：{listed}。写上编号，例如：/投 {found[0].number} 2")
    return found[0]


async def _voters(by: Speaker, poll_id: int) -> list[str]:
    """谁投的：名下每个账号各一个指纹，占齐了才算投上，投到一半再绑一个账号也还是一票；换一次投票就对不上。"""
    accounts = await Account.filter(person_id=by.person_id) if by.person_id else []
    who = {(by.scope, by.user_id), *((account.scope, account.user_id) for account in accounts)}
    return sorted(_fingerprint(f"ballot:{poll_id}:{scope}:{user_id}") for scope, user_id in who)


def _fingerprint(text: str) -> str:
    return blake2b(text.encode(), digest_size=16, key=settings().digest_key).hexdigest()


async def close(by: Speaker, group: Group, *, at: datetime) -> Count:
    """收掉开着的投票。"""
    await hosts.check_host(by, group, "投票")
    poll = await current(group)
    if poll is None:
        raise Refusal(f"群里现在没有投票，想开一个就发：{EXAMPLE}")
    return await _close(poll, ends_at=min(at, poll.ends_at))


async def close_in(topic: Topic) -> list[Count]:
    """话题收了，里面的投票跟着收。"""
    return [await _close(poll) for poll in await Poll.filter(topic_id=topic.id, state=PollState.OPEN).order_by("id")]


async def run_out(at: datetime) -> list[Poll]:
    """到点该自己收的；开在话题里的跟着话题收。"""
    alone = Q(topic_id=None) | ~Q(topic__state=TopicState.OPEN)
    return await Poll.filter(alone, state=PollState.OPEN, ends_at__lte=at).order_by("id")


async def expire(poll: Poll) -> Count | None:
    """到点了自己收；别处先收了就是 `None`。"""
    try:
        return await _close(poll)
    except Refusal:
        return None


async def _close(poll: Poll, **changes: object) -> Count:
    """收，谁投过的指纹当场删去。"""
    async with in_transaction():
        held = await Poll.select_for_update(no_key=True).get(id=poll.id)
        state = _step(held, PollAction.CLOSE)
        await steps.move(held, poll.number, unless_changed=("state",), state=state, **changes)
        await Ballot.filter(poll_id=poll.id).delete()
    return await count(held)


def _step(poll: Poll, action: PollAction) -> PollState:
    """按表能走到哪里；走不了就 `Refusal`。"""
    onward = STEPS.get((poll.state, action))
    if onward is None:
        raise Refusal(f"{poll.number} {poll.state}了，不能再{action}。")
    return onward
