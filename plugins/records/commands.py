"""记录的命令，与 `/确认 A7`（心愿的 `/确认` 按编号的字母转到这里）。"""

from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway.numbers import is_about, numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import belated, contacts, oversights, record_answers, record_lines, records
from bot.league.activity_steps import Turn
from bot.league.errors import Refusal
from db.models import Contact
from plugins.records import render
from plugins.stays.commands import correct_stay

record_cmd = command("记", about="把办过的事记一笔，请青年确认", example=record_lines.EXAMPLE, audience=Audience.CADRE)
correct_cmd = command(
    "纠错",
    about="更正或作废一条记录，旧的留着",
    example="/纠错 A7 记错日子了 改为 昨天",
    audience=Audience.CADRE,
)
history_cmd = command("查记录", about="看自己记的事和证据等级（私聊）", example="/查记录 A7", audience=Audience.CADRE)
dispute_cmd = command("异议", about="记录写得不对，请督导看看", example="/异议 A7", audience=Audience.YOUTH)

_RULINGS = {"成立": True, "不成立": False}


@record_cmd.handle()
@answers
async def handle_record(said: Saying) -> Answer:
    """记一笔。"""
    said.cadre_id()
    line = record_lines.read(" ".join(said.words), at=said.at)
    people = await _people(said, line)
    return render.kept(await records.keep(said.by, line, people, at=said.at), len(people), said.at)


@correct_cmd.handle()
@answers
async def handle_correct(said: Saying) -> Answer:
    """`改为` 后面写对的；只写原因就是作废。`J3` 是下基层。"""
    said.cadre_id()
    if is_about(said, "J"):
        return await correct_stay(said)
    record_id, words = numbered(said, "记录", example="/纠错 A7 记错日子了 改为 昨天")
    reason, instead = belated.split_change(words)
    if instead is None:
        return render.voided(await records.void(said.by, record_id, reason, at=said.at))
    line = record_lines.read(instead, at=said.at)
    people = await _people(said, line)
    return render.corrected(await records.correct(said.by, record_id, reason, line, people, at=said.at))


@history_cmd.handle()
@answers
async def handle_history(said: Saying) -> Answer:
    """自己发起的、记的；带编号就看每一版。"""
    said.cadre_id()
    if not said.private:
        raise Refusal("记录里有具体的人和事，请私聊我发 /查记录。")
    if not said.words:
        return render.listing(await records.listed(said.by))
    record_id, _ = numbered(said, "记录", example="/查记录 A7")
    return render.history(*await records.history(said.by, record_id))


@dispute_cmd.handle()
@answers
async def handle_dispute(said: Saying) -> Answer:
    """青年提异议；督导看等他裁的，在后面写 成立 或 不成立。"""
    if said.by.is_inspector and said.private and (waiting := await _to_look_at(said)):
        return waiting
    record_id, ruling = numbered(said, "记录", example="/异议 A7")
    if not said.private:
        raise Refusal("请私聊我发 /异议，只有督导知道有这回事，谁提的不会说出去。")
    upheld = next((upheld for word, upheld in _RULINGS.items() if ruling.startswith(word)), None)
    if upheld is not None and said.by.is_inspector:
        return render.ruled(await record_answers.rule(said.by, record_id, upheld=upheld, at=said.at))
    return render.disputed(await record_answers.dispute(said.by, record_id, at=said.at))


async def _to_look_at(said: Said) -> Answer:
    """督导不带词看有哪几条，只写编号看那一条；别的写法不归这里。"""
    disputed = await oversights.disputes(said.by)
    if not said.text:
        return render.to_look_at(disputed)
    number = said.text.strip().upper()
    return next((render.look(record) for record in disputed if number in (record.number, str(record.id))), None)


async def answer_record(said: Said) -> Answer:
    """`/确认 A7 有`。"""
    record_id, words = numbered(said, "记录", example="/确认 A7 有")
    verdict = record_answers.verdict_in(words, record_id)
    if verdict is not Turn.YES and not said.private:
        raise Refusal(
            f"这句只说给我一个人听，请私聊我发 /确认 A{record_id}。群里这句我没有记，你可以自己撤回那条消息。"
        )
    return render.answered(await record_answers.answer(said.by, record_id, verdict, at=said.at))


async def _people(said: Said, line: record_lines.Line) -> list[int]:
    """@ 到的；私聊里写的姓名或尾号；都没有就是被回复的那位。"""
    cadre_id = said.cadre_id()
    if said.mentions:
        return await records.youths(cadre_id, said.scope, said.mentions)
    if line.names:
        if not said.private:
            raise Refusal(f"群里请直接 @ 人，例如：{record_lines.EXAMPLE}")
        ids = [await contacts.named(cadre_id, name, at=said.at) for name in line.names]
        rows = await Contact.filter(id__in=ids).values_list("youth_id", flat=True)
        return [int(str(person_id)) for person_id in rows]
    author = await _replied_to(said)
    return await records.youths(cadre_id, said.scope, [author]) if author else []


async def _replied_to(said: Said) -> str | None:
    """被回复的那条是谁说的；平台不告诉就是 `None`。只看是谁，不看内容。"""
    if said.reply_to is None or not isinstance(said.bot, v11.Bot):
        # 微信群里引用的，桥有时把群号当成说的人
        return said.reply_user if said.reply_user not in (said.self_id, said.group_id) else None
    try:
        message = await said.bot.call_api("get_msg", message_id=int(said.reply_to))
    except (ActionFailed, ApiNotAvailable, NetworkError, ValueError):
        return None
    author = str((message.get("sender") or {}).get("user_id") or "")
    return author if author and author != said.self_id else None
