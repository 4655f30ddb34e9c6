"""心声、建议、投诉每走一步要告诉谁、说什么。原文从不写进通知；心声与投诉的答复也不写，只请他私聊来看。"""

from datetime import timedelta

from bot.league import notices
from bot.league.voice_steps import ASKING, OVERTAKEN
from db.models import Notice, Voice, VoiceEvent, VoiceKind

#: 不急也不该丢，两周之内送到都算数
WINDOW = timedelta(days=14)


async def _tell(person_id: int | None, voice: Voice, event: VoiceEvent, text: str, *, kind: str) -> None:
    """告诉一个人；数据已删除的提交人为空，不用告诉。"""
    if person_id is not None:
        period = f"{voice.number}/{event.id}"
        expires_at = event.at + WINDOW
        # 都说过不写是谁：刚有回音就在群里叫他，等于说出是谁
        discreet = person_id == voice.author_id
        await notices.post(
            kind,
            period=period,
            person_id=person_id,
            text=text,
            at=event.at,
            expires_at=expires_at,
            discreet=discreet,
        )


async def received(voice: Voice, event: VoiceEvent, people: list[int], *, days: int) -> None:
    """交给谁，谁知道有一条新的。"""
    text = f"来了一条{voice.kind} {voice.number}，请在 {days} 个工作日内给个回音。私聊我发 /回复 看内容。"
    for person_id in people:
        await _tell(person_id, voice, event, text, kind="voice.new")


async def answered(voice: Voice, event: VoiceEvent) -> None:
    """有回音了，告诉提的人；建议的每个状态都说。"""
    text = f"你的{voice.kind} {voice.number} 有回音了，私聊我发 /我的心声 看。"
    if voice.kind is VoiceKind.SUGGESTION:
        text = f"你的建议 {voice.number}：{voice.state}。{event.note or ''}"
    await _tell(voice.author_id, voice, event, text, kind="voice.answered")


async def escalated(voice: Voice, event: VoiceEvent, people: list[int], *, days: int) -> None:
    """过了时候没有回音，告诉上一级，也告诉提的人。"""
    text = f"{voice.kind} {voice.number} 过了 {days} 个工作日还没有回音，请你来答复。私聊我发 /回复 看内容。"
    for person_id in people:
        await _tell(person_id, voice, event, text, kind="voice.escalated")
    text = f"你的{voice.kind} {voice.number} 还没有回音，我已经告诉上一级的老师了，不会没人管。"
    await _tell(voice.author_id, voice, event, text, kind="voice.escalated")


async def withdrawn(voice: Voice, event: VoiceEvent, people: list[int]) -> None:
    """撤回了，手上正等着答的人不用再答；还没来得及告诉他的，也不用说了。"""
    unsaid = Notice.filter(kind__in=ASKING, period__startswith=f"{voice.number}/", reason=OVERTAKEN)
    unaware = set(await unsaid.values_list("person_id", flat=True))
    for person_id in (one for one in people if one not in unaware):
        await _tell(person_id, voice, event, f"{voice.number} 本人撤回了，不用再答复。", kind="voice.withdrawn")
