"""一项工作办到了哪里：主题宣讲看讲到了哪些团支部，别的看哪些单位办过。等级分开数。"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.league import campaigns, five_ones, roster, units
from bot.league.activity_plans import Plan
from bot.league.campaigns import WORKS, Window, Work
from bot.league.errors import Refusal
from bot.league.formula import Grade
from bot.league.periods import local, on
from bot.league.roster import Speaker
from db.models import Activity, Reach, Unit, UnitKind

#: 一场至多写几个团支部；再多的多半是报数
BRANCHES_MAX = 20


async def branches_for(unit: Unit, plan: Plan) -> list[Unit]:
    """讲给哪些团支部听：写了的；没写而自己就是团支部，就是自己。"""
    if not (plan.campaign and WORKS[plan.campaign].covers):
        if plan.branches:
            raise Refusal("“到：”后面写团支部，只有主题宣讲用得上；活动的名字以 主题宣讲 开头就是。")
        return []
    if len(plan.branches) > BRANCHES_MAX:
        raise Refusal(f"一场至多写 {BRANCHES_MAX} 个团支部，分几场讲吧。")
    if not plan.branches:
        return [unit] if unit.kind == UnitKind.BRANCH else []
    found = {branch.id: branch for branch in [await roster.find_unit(name) for name in plan.branches]}
    for branch in found.values():
        if branch.kind != UnitKind.BRANCH:
            raise Refusal(f"{branch.name}不是团支部，讲到了哪些写团支部的全名。")
        if not (branch.path or "").startswith(unit.path or "-"):
            raise Refusal(f"{branch.name}不在{unit.name}下面，请那边来办。")
    return list(found.values())


async def cover(activity: Activity, branches: Collection[Unit]) -> None:
    """记下讲给哪些团支部听；要在改它的事务里调用。"""
    await Reach.filter(activity_id=activity.id).delete()
    await Reach.bulk_create([Reach(activity_id=activity.id, unit_id=branch.id) for branch in branches])


@dataclass(frozen=True)
class Place:
    """一个该办到的单位；没办到的 `grade` 为空。"""

    unit: Unit
    grade: Grade | None


@dataclass(frozen=True)
class Coverage:
    """一项工作在一个单位里，这一次窗口办到了哪里。"""

    work: Work
    window: Window
    unit: Unit
    places: tuple[Place, ...]


async def look(by: Speaker, name: str, unit_name: str | None, *, at: datetime) -> Coverage:
    """团干部看自己单位的，管理员看管得到的。"""
    work = campaigns.find(name)
    if work.slot is None:
        raise Refusal(f"{work.campaign}不办活动，{work.tip}管理员看名单，私聊我发 /推荐 名单")
    unit = await units.seen(by, unit_name, example=f"/活动 工作 {work.campaign}")
    return await survey(work, unit, at=at)


async def survey(work: Work, unit: Unit, *, at: datetime, before: datetime | None = None) -> Coverage:
    """这一次窗口（不在窗口里就是上一次）里、`before` 之前办过的；同一处办了几回，算等级最高的一回。"""
    when = campaigns.latest(work, local(at).date())
    held = Activity.filter(five_ones.HELD, campaign=work.campaign, starts_at__gte=on(when.since))
    until = min(on(when.after), before or on(when.after))
    held = held.filter(starts_at__lt=until, unit__path__gte=unit.path or "", unit__path__lt=unit.path_end)
    best: dict[int, Grade] = {}
    column = "reaches__unit_id" if work.covers else "unit_id"
    for unit_id, grade in await held.values_list(column, "grade"):
        if unit_id is not None:
            best[unit_id] = max(best.get(unit_id, Grade.L0), Grade(grade))
    places = Unit.filter(path__gte=unit.path or "", path__lt=unit.path_end, kind=UnitKind.BRANCH)
    rows = (
        await places.order_by("path") if work.covers else [unit, *await Unit.filter(parent_id=unit.id).order_by("path")]
    )
    return Coverage(work, when, unit, tuple(Place(one, best.get(one.id)) for one in rows))
