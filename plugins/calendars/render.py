"""校历的措辞。"""

from datetime import date, datetime

from bot.league.calendar_marks import EXAMPLE
from bot.league.periods import local
from db.models import CalendarMark, MarkKind

_MEANS = {
    MarkKind.OFF: "这几天不算工作日，提醒顺延，心愿、心声的期限也跟着顺延",
    MarkKind.WORKING: "算工作日，提醒照发，期限照走",
    MarkKind.EXAMS: "不催团干部去找青年、不催活动次数；工作日照算，心愿、心声照常要回",
}


def listing(marks: list[CalendarMark]) -> str:
    """还没过去的。"""
    if not marks:
        return f"还没有定校历，工作日照法定节假日算。要定就发：{EXAMPLE}"
    lines = [f"{mark.id}. {mark.unit.name}：{days(mark)} {mark.kind}" for mark in marks]
    return "\n".join(["校历（其余照法定节假日）：", *lines, f"删一条发 /校历 删 {marks[0].id}"])


def added(mark: CalendarMark, *, at: datetime) -> str:
    """定好了。"""
    today = "，从今天算起" if mark.first_day == local(at).date() and mark.last_day > mark.first_day else ""
    return (
        f"记下了第 {mark.id} 条：{mark.unit.name}和下级，{days(mark)} {mark.kind}{today}。"
        f"{_MEANS[mark.kind]}。记错了发 /校历 删 {mark.id}"
    )


def removed(mark: CalendarMark) -> str:
    """删掉了。"""
    kept = "" if mark.cancelled_at else f"，过去的到{day(mark.last_day)}为止留着"
    return f"好，第 {mark.id} 条{mark.kind}不算了{kept}。"


def days(mark: CalendarMark) -> str:
    """`2026年10月1日到10月7日`。"""
    first = f"{mark.first_day.year}年{day(mark.first_day)}"
    if mark.first_day == mark.last_day:
        return first
    year = f"{mark.last_day.year}年" if mark.last_day.year != mark.first_day.year else ""
    return f"{first}到{year}{day(mark.last_day)}"


def day(when: date) -> str:
    """`10月1日`。"""
    return f"{when.month}月{when.day}日"
