"""我的数据的话术。"""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.league.periods import local, moment
from bot.league.privacy import HeldContact, Holdings
from bot.league.record_answers import HeldRecord
from db.models import ContactState

FILE_NAME = "我的数据.json"

_STATES = {
    ContactState.INVITED: "只是邀请，还没记什么",
    ContactState.ACTIVE: "联系中",
    ContactState.PAUSED: "退了群，暂停中",
    ContactState.ENDED: "已结束",
}


def holdings(held: Holdings) -> str:
    """存了什么，一项一行。"""
    lines = [f"账号：{'、'.join(f'{scope.label} {user}' for scope, user in held.accounts)}"]
    if held.name:
        lines.append(f"名册上的姓名：{held.name}")
    if held.posts:
        lines.append(f"任职：{'、'.join(held.posts)}。团干部和联系青年哪天聊过、各几条，算工作记录")
    if held.joined_at:
        lines.append(f"加入：{_day(held.joined_at)} 起")
    elif not held.posts:
        lines.append("加入：没有，所以没在记你")
    lines += [_contact(contact) for contact in held.contacts]
    lines.append(f"提过的心愿：{held.wishes} 件")
    if held.voices:
        lines.append(f"说过的心声、建议、投诉：{held.voices} 条")
    if held.activities:
        lines.append(f"报过名的活动：{held.activities} 场")
    if held.nominations:
        lines.append(f"推荐过最美青春故事：{held.nominations} 位，谁推荐的没有别人知道")
    if held.opinions:
        lines.append(f"对好物说过的看法：{held.opinions} 条")
    if held.push_replies:
        lines.append(f"在群里回复过的推送：{held.push_replies} 条，说了什么没有存")
    if held.subscriptions:
        lines.append(f"订着的标签：{'、'.join(held.subscriptions)}")
    if held.ratings:
        lines.append(f"给联系团干部的评价：{held.ratings} 份，只有你自己看得到几分")
    lines += [_record(record) for record in held.records]
    if held.erasing_at:
        lines.append(f"已排在 {moment(held.erasing_at)} 删除，反悔发 /取消删除")
    return "\n".join([*lines, "没有一个字的聊天内容。整份文件：/我的数据 导出；全部删掉：/删除我的数据。"])


def _contact(held: HeldContact) -> str:
    left = held.cadre_left and held.state is ContactState.ACTIVE
    line = f"联系团干部 {held.cadre}（{held.unit}，{'离任了，没在记' if left else _STATES[held.state]}）："
    line += f"{held.days} 天有往来，其中 {held.effective_days} 天是有效互动"
    return line + (f"；给你贴的标签：{'、'.join(held.tags)}" if held.tags else "")


def _record(held: HeldRecord) -> str:
    what = f"{held.slot}{f'（{held.mode}）' if held.mode else ''}{f'：{held.note}' if held.note else ''}"
    return (
        f"{held.cadre}记的 {held.number}（{held.day}）{what}；{held.state}，你说：{held.answer}。"
        f"写得不对发 /异议 {held.number}"
    )


def export(data: Mapping[str, object]) -> str:
    """整份导出，写成好读的 JSON。"""
    return json.dumps(data, ensure_ascii=False, indent=1)


def erasing(due_at: datetime) -> str:
    """排上删除了。"""
    return (
        f"好，{moment(due_at)} 删掉关于你的一切，只留连不回你的合计数。"
        "在那之前反悔发 /取消删除；想马上停止记录，再发 /退出。"
    )


def kept(anything: bool) -> str:
    """不删了，或本来就没排。"""
    return "好，不删了，一切照旧。" if anything else "没有排着的删除。"


def _day(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d}"
