"""心声、建议、投诉怎么说给人听。从不写是谁说的。"""

from datetime import datetime

from bot.league.periods import local
from bot.league.voices import ANSWER_DAYS, Heard
from db.models import Voice, VoiceKind, VoiceState

#: 一次列几条
PAGE = 10

_WHO = {
    VoiceKind.HEART: "只有你的联系团干部看得到，不写你是谁",
    VoiceKind.SUGGESTION: "交给单位负责的老师了，不写你是谁",
    VoiceKind.COMPLAINT: "只有督导看得到，不写你是谁",
}


def submitted(heard: Heard, *, joined: bool) -> str:
    """收下之后的回答。"""
    voice = heard.voice
    days = ANSWER_DAYS[voice.kind]
    who = _WHO[voice.kind] if voice.kind is not VoiceKind.HEART or voice.level == 0 else _WHO[VoiceKind.SUGGESTION]
    lines = [
        f"收到你的{voice.kind} {voice.number}，{who}。{days} 个工作日内给你回音，没有就往上报。",
        f"看回音发 /我的心声，不想说了发 /撤回 {voice.number}。",
    ]
    if heard.masked:
        lines.append("里面的号码我替你隐去了。")
    if not joined:
        lines.append(f"（你还没 /加入，我只存了你的账号和这条{voice.kind}。）")
    return "\n".join(lines)


def mine(rows: list[tuple[Voice, str | None]], at: datetime) -> str:
    """自己说过的，连同最近一句回音。"""
    lines = []
    for voice, note in rows:
        lines.append(f"{_head(voice, at)} · {voice.state}")
        lines.append(f"　{_one_line(voice.text)}")
        if note:
            lines.append(f"　回音：{_one_line(note)}")
    return "\n".join(lines) or "你还没有说过心声、建议或投诉，想说的时候发：/心声 实习和课撞上了，不知道怎么选"


def inbox(voices: list[Voice], at: datetime) -> str:
    """等着答的，等得久的在前。"""
    if not voices:
        return "现在没有等你答的心声、建议、投诉。"
    lines = [f"等你答的（{len(voices)} 条）"]
    for voice in voices[:PAGE]:
        lines.append(f"{_head(voice, at)} · {voice.unit.name if voice.unit else '单位不明'} · {voice.state}")
        lines.append(f"　{_one_line(voice.text)}")
    if len(voices) > PAGE:
        lines.append(f"还有 {len(voices) - PAGE} 条，先答这些，答完再发 /回复。")
    kinds = {voice.kind for voice in voices[:PAGE]}
    lines.append(f"回音发 /回复 {voices[0].number} 话，我带给本人。")
    if VoiceKind.SUGGESTION in kinds:
        lines.append("建议先写 研究中、采纳、部分采纳、不采纳（加理由）或 已落实。")
    return "\n".join(lines)


def replied(voice: Voice) -> str:
    """答过之后。"""
    if voice.kind is not VoiceKind.SUGGESTION:
        return f"我去把话带给说 {voice.number} 的人。"
    more = f"，落实了再发 /回复 {voice.number} 已落实" if voice.state in (VoiceState.ADOPTED, VoiceState.PARTLY) else ""
    return f"{voice.number} 记作“{voice.state}”，我去告诉本人{more}。"


def _head(voice: Voice, at: datetime) -> str:
    days = (local(at).date() - local(voice.submitted_at).date()).days
    return f"{voice.number} · {voice.kind} · {f'{days} 天前' if days > 0 else '今天'}"


def _one_line(text: str | None) -> str:
    return " ".join((text or "内容已清空").split())
