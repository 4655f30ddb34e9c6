"""心声、建议、投诉：说、答、撤回、查看，和到点往上报。流程见 `voice_steps`，该谁答见 `voice_sights`。"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import calendars, homes, roster, voice_letters, voice_sights, wishes, words
from bot.league.errors import Refusal
from bot.league.periods import Calendar, add_working_days
from bot.league.roster import Speaker
from bot.league.voice_steps import WAITING, action_in, advance, holding
from bot.league.wishes import REPEAT_WINDOW
from db.models import (
    Group,
    Person,
    Voice,
    VoiceAction,
    VoiceEvent,
    VoiceKind,
    VoiceState,
    WishLane,
)

#: 几个工作日内要有第一声回音；心声、投诉出自产品说明第 4 节，建议没有写，取宽的
ANSWER_DAYS = {VoiceKind.HEART: 2, VoiceKind.SUGGESTION: 5, VoiceKind.COMPLAINT: 5}
#: 产品说明第 2 节：了结后文字留这么久
KEEP_TEXT = timedelta(days=90)

#: 只在私聊里说的
PRIVATE = (VoiceKind.HEART, VoiceKind.COMPLAINT)

_EXAMPLES = {
    VoiceKind.HEART: "/心声 最近实习和考试撞在一起，有点扛不住",
    VoiceKind.SUGGESTION: "/建议 团课能不能放到周末上午",
    VoiceKind.COMPLAINT: "/投诉 加码 文件说每月三次，我们被要求每周两次",
}


@dataclass(frozen=True)
class Heard:
    """收下的一条。"""

    voice: Voice
    #: 有号码被隐去了
    masked: bool


async def submit(
    by: Speaker,
    kind: VoiceKind,
    text: str,
    *,
    at: datetime,
    group: Group | None = None,
    group_id: str | None = None,
) -> Heard | wishes.Submission:
    """说一条。话里有伤害自己的意思的，无论在哪里、哪一种，都按危机求助走（返回 `Submission`）。

    心声与投诉在群里说的不收，也不留。
    """
    text = words.tidy(text)
    if words.lane_of(text) is WishLane.CRISIS:
        return await wishes.submit(by, text, at=at, group=group, group_id=group_id)
    if kind in PRIVATE and group_id:
        raise Refusal(f"{kind}是说给一个人听的，请私聊我发 /{kind}。群里这句我没有记，你可以自己撤回那条消息。")
    words.check_length(text, kind, example=_EXAMPLES[kind], later="其余的等有了回音再慢慢说")
    cadre_id, unit_id = await _place(by, kind, group)
    if unit_id is None and kind is not VoiceKind.COMPLAINT:
        raise Refusal(f"我还不知道该把{kind}交给谁。请先在你们的青年群里发 /加入，再来私聊我。")
    masked = words.mask(text)
    author = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with in_transaction():
        await Person.select_for_update(no_key=True).get(id=author.id)
        digest = words.digest(text)
        await _refuse_repeated(author, kind, digest, at)
        voice = Voice(kind=kind, author=author, unit_id=unit_id, cadre_id=cadre_id, text=masked, digest=digest)
        voice.update_from_dict({"state": VoiceState.RECEIVED, "submitted_at": at})
        await _hand_in(voice, at)
    return Heard(voice, masked != text)


async def _place(by: Speaker, kind: VoiceKind, group: Group | None) -> tuple[int | None, int | None]:
    """(该先答的团干部, 归哪个单位)。团干部自己的建议、投诉归他任职的单位。"""
    home = await homes.home_of(by, group)
    theirs = home.unit_id if home else None
    if kind is VoiceKind.HEART:
        return home.id if home and home.left_at is None else None, theirs or by.unit_id
    return None, by.unit_id or theirs


async def _refuse_repeated(author: Person, kind: VoiceKind, digest: str, at: datetime) -> None:
    """24 小时内说过的同样一条；自己撤回了的不算。"""
    rows = Voice.filter(author=author, kind=kind, digest=digest, submitted_at__gt=at - REPEAT_WINDOW)
    if repeated := await rows.filter(state__not=VoiceState.WITHDRAWN).order_by("-id").first():
        raise Refusal(f"这条和你刚说过的 {repeated.number} 一样，我记着呢，私聊我发 /我的心声 看回音。")


async def _hand_in(voice: Voice, at: datetime) -> None:
    """存下，交给最先该答的人；一个也没有就不收，免得石沉大海。"""
    chain = await voice_sights.chain(voice, at=at)
    voice.level = next((level for level, people in enumerate(chain) if people), len(chain))
    if voice.level == len(chain):
        raise Refusal("现在还没有人能接，我就没有留下。请直接找团干部，或过些天再来。")
    days = ANSWER_DAYS[voice.kind]
    voice.due_at = add_working_days(at, days, await _calendar(voice)) if any(chain[voice.level + 1 :]) else None
    await voice.save()
    event = await VoiceEvent.create(voice=voice, kind=VoiceAction.SUBMIT, by_id=voice.author_id, at=at)
    await voice_letters.received(voice, event, chain[voice.level], days=days)


async def _calendar(voice: Voice) -> Calendar:
    return (await calendars.load()).of(voice.unit_id)


async def reply(by: Speaker, voice_id: int, text: str, *, at: datetime) -> Voice:
    """答一句；建议要以状态开头（见 `voice_steps.action_in`）。"""
    async with holding(voice_id) as voice:
        await voice_sights.look(by, voice)
        action, note = action_in(voice, text)
        answered_at = voice.answered_at or at
        event = await advance(voice, action, at=at, by_id=by.person_id, note=note, answered_at=answered_at)
        await voice_letters.answered(voice, event)
    return voice


async def withdraw(by: Speaker, voice_id: int, *, at: datetime) -> Voice:
    """本人撤回。"""
    async with holding(voice_id) as voice:
        if by.person_id is None or voice.author_id != by.person_id:
            raise Refusal(f"没找到你说的 {voice.number}，私聊我发 /我的心声 看看编号？")
        await _withdraw(voice, by_id=by.person_id, at=at)
    return voice


async def _withdraw(voice: Voice, *, by_id: int | None, at: datetime) -> None:
    waiting = voice.state in WAITING
    event = await advance(voice, VoiceAction.WITHDRAW, at=at, by_id=by_id)
    if waiting:
        chain = await voice_sights.chain(voice, at=at)
        await voice_letters.withdrawn(voice, event, chain[voice.level] if voice.level < len(chain) else [])


async def mine(by: Speaker) -> list[tuple[Voice, str | None]]:
    """自己说过的（新的在前，最多 20 条）和各自最近一句回音。"""
    if by.person_id is None:
        return []
    rows = await Voice.filter(author_id=by.person_id).order_by("-id").limit(20)
    notes = VoiceEvent.filter(voice_id__in=[row.id for row in rows], note__isnull=False).order_by("id")
    latest = {event.voice_id: event.note for event in await notes}
    return [(row, latest.get(row.id)) for row in rows]


async def keep(at: datetime) -> None:
    """到点没有回音的往上报，了结满 90 天的清空。可以随便重复，也可以几个进程一起做。"""
    due = Voice.filter(state=VoiceState.RECEIVED, due_at__lte=at).order_by("id")
    for voice_id in await due.values_list("id", flat=True):
        with suppress(Refusal):
            async with holding(int(str(voice_id))) as voice:
                if voice.state is VoiceState.RECEIVED and voice.due_at and voice.due_at <= at:
                    await _escalate(voice, at)
    await forget(at)


async def _escalate(voice: Voice, at: datetime) -> None:
    """报到上面第一级有人的地方；下一次从提的那天接着数，不重新数。"""
    assert voice.due_at
    chain = await voice_sights.chain(voice, at=at)
    above = next((level for level in range(voice.level + 1, len(chain)) if chain[level]), None)
    if above is None:
        await Voice.filter(id=voice.id).update(due_at=None)
        return
    days = ANSWER_DAYS[voice.kind]
    further = add_working_days(voice.due_at, days, await _calendar(voice)) if any(chain[above + 1 :]) else None
    event = await advance(voice, VoiceAction.ESCALATE, at=at, level=above, due_at=further)
    await voice_letters.escalated(voice, event, chain[above], days=days)


async def forget(at: datetime) -> None:
    """了结满 90 天的，内容、每一步说的话、指纹都清空。"""
    old = Voice.filter(ended_at__lte=at - KEEP_TEXT, text__isnull=False)
    if ids := await old.limit(500).values_list("id", flat=True):
        async with in_transaction():
            await VoiceEvent.filter(voice_id__in=ids).update(note=None)
            await Voice.filter(id__in=ids).update(text=None, digest="")


async def erase_author(person_id: int, *, at: datetime) -> None:
    """本人要求删除数据：没了结的撤回，内容与说过的话清空，不再连着他；行留着，合计不变。"""
    for voice_id in await Voice.filter(author_id=person_id).values_list("id", flat=True):
        async with holding(int(str(voice_id))) as voice:
            if voice.state in WAITING:
                await _withdraw(voice, by_id=None, at=at)
            await VoiceEvent.filter(voice_id=voice.id).update(note=None)
            await Voice.filter(id=voice.id).update(author_id=None, text=None, digest="")
    await VoiceEvent.filter(by_id=person_id).update(by_id=None)
