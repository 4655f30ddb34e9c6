"""案子要告诉谁、说什么。给团干部和督导的话里从不写是哪位青年，也不写什么时候答的。"""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.league import check_questions, crises, notices
from bot.league.periods import local
from db.models import CheckKind, CheckState, SpotCheck

#: 这些话不急也不该丢
WINDOW = timedelta(days=14)


def subject(row: SpotCheck) -> str:
    """说的是哪一件；异常说看到了什么。"""
    if row.kind is CheckKind.CLAIM:
        return check_questions.subject_of(row)
    seen = row.evidence
    if row.kind is CheckKind.FLOOD:
        return f"最近七天你和青年之间有 {seen['messages']} 条消息，其中 {seen['empty']} 条那天一次有效互动也没有"
    if row.kind is CheckKind.CHORUS:
        return (
            f"{seen['joined']} 同一天加入的 {seen['youths']} 位青年，"
            f"只跟你一个人说过话，还总在同样的 {seen['days']} 天里"
        )
    return f"最近七天有 {seen['days']} 天，群里 {seen['speakers']} 人次说了话，有内容的不到一成，像是接龙打卡"


async def opened(row: SpotCheck, *, at: datetime, until: datetime) -> None:
    """告诉团干部：对不上的是哪一件，怎么说明。"""
    last_day = local(until)
    how = f"请在 {last_day.month}月{last_day.day}日前私聊我发 /说明 {row.number} 怎么回事，之后由别的单位的督导来看。"
    if row.kind is CheckKind.CLAIM:
        paused = f"，{_number(row)} 先不算数" if row.suspended else ""
        text = (
            f"抽查 {row.number}：{subject(row)}里有一处，和青年本人说的对不上{paused}。这还不是结论。\n"
            f"{how}有签到表、通知、照片之类能说明的就写上。请别打听问了谁、是谁说的。"
        )
    else:
        text = f"{row.number}：看到一处不太寻常的，{subject(row)}。不扣分，也不是结论。\n{how}"
    await _post("check.case", row, row.cadre.person_id, text, at=at)


async def waiting(row: SpotCheck, rulers: Collection[int], *, at: datetime) -> None:
    """告诉能裁定的督导；一个也没有，就请超级管理员任命一位。"""
    if rulers:
        for person in sorted(rulers):
            await _post("check.ruling", row, person, f"有一案等你裁定，私聊我发 /裁定 {row.number} 看看。", at=at)
        return
    text = f"{row.number} 要由{row.unit.name}以外的督导裁定，现在一位也没有。请用 /任命 任命一位督导。"
    for person in await crises.superusers(at):
        await _post("check.ruling", row, person, text, at=at)


async def ruled(row: SpotCheck, *, at: datetime) -> None:
    """告诉团干部裁定了什么。"""
    result = "属实，照常算数" if row.state is CheckState.HELD else "不实"
    if row.kind is not CheckKind.CLAIM:
        result = "没有问题" if row.state is CheckState.HELD else "确有不妥；异常不扣分，以后注意就好"
    elif row.state is CheckState.CONTRADICTED:
        result += f"，{_number(row)} 这一处不再算数，也记进本季的诚信系数"
    text = f"{row.number} 裁定了：{result}。理由：{row.ruling}\n有不同意见，私聊我发 /投诉 说给上级督导。"
    await _post("check.ruled", row, row.cadre.person_id, text, at=at)


def _number(row: SpotCheck) -> str:
    return row.activity.number if row.activity else row.wish.number if row.wish else ""


async def _post(kind: str, row: SpotCheck, person_id: int, text: str, *, at: datetime) -> None:
    await notices.post(
        kind, period=row.number, person_id=person_id, text=text, at=at, expires_at=at + WINDOW, discreet=True
    )
