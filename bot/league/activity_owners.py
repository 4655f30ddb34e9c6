"""一场活动算谁的：团干部自己的一类，还是哪个单位的一类。只有一类，所以不会两头都算。"""

from bot.league import units
from bot.league.activity_plans import Plan
from bot.league.campaigns import WORKS
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Activity, Cadre, Scope, Side, Slot, Unit, UnitKind

EXAMPLE = "/活动 发起 敬老院志愿 10月3日9:00 敬老院 单位 志愿"

LEAD_EXAMPLE = f"{EXAMPLE} 负责人 @某"

_SPARES = {Side.CADRE: Slot.OTHER, Side.UNIT: Slot.OWN_DESIGN}


def slot_for(plan: Plan) -> Slot:
    """算哪一类；有窗口期的工作由那项工作定，没写类别的用兜底的一类。"""
    if plan.campaign and plan.side is Side.UNIT and plan.slot and plan.slot.side is Side.CADRE:
        raise Refusal(f"{plan.campaign}算团干部自己的{plan.slot}，不用写 单位。")
    return plan.slot or _SPARES[plan.side or Side.CADRE]


async def unit_for(by: Speaker, plan: Plan, slot: Slot) -> Unit:
    """算在哪个单位名下；自己的算任职的单位，单位的要它的管理员来发起。"""
    if slot.side is Side.CADRE:
        return await Unit.get(id=by.unit_id)
    if plan.campaign and WORKS[plan.campaign].branches_too and plan.unit_name is None and by.unit_id is not None:
        own = await Unit.get(id=by.unit_id)
        if own.kind == UnitKind.BRANCH:
            return own
    if not by.is_admin:
        raise Refusal(
            f"单位的{slot}由单位管理员来发起。"
            f"你可以先照自己的发起，再请管理员发 /活动 改 A3 单位 {slot}（A3 换成它的编号）。"
        )
    return await units.governed(by, plan.unit_name, example=f"{EXAMPLE.replace('单位 ', '单位：示例大学团委 ')}")


async def lead_for(by: Speaker, *, scope: Scope, user_id: str | None, name: str) -> Cadre:
    """管理员请来负责的那位：@ 到的，或写了姓名的；得是他管得到的在任团干部。"""
    if not by.is_admin:
        raise Refusal("请别人负责的，由单位管理员来发起。自己办就不用写 负责人。")
    serving = Cadre.filter(left_at=None).select_related("person", "unit")
    if user_id is not None:
        found = await serving.filter(person__accounts__scope=scope, person__accounts__user_id=user_id)
    else:
        found = await serving.filter(person__name=name)
    mine = [cadre for cadre in found if by.administers(cadre.unit.path or "")]
    if len(mine) > 1:
        raise Refusal(f"管得到的有 {len(mine)} 位叫{name[:12]}，请到群里 @ 他：{LEAD_EXAMPLE}")
    if not mine:
        raise Refusal(f"负责人得是你管得到的在任团干部。例如：{LEAD_EXAMPLE}（私聊里写姓名：负责人：张三）")
    return mine[0]


def check_led(slot: Slot) -> None:
    """替别人发起的只有单位的活动：团干部自己的，由他自己发起。"""
    if slot.side is Side.CADRE:
        raise Refusal(f"请别人负责的，只能是单位的活动，写上 单位 和类别。例如：{LEAD_EXAMPLE}")


def slot_after(activity: Activity, plan: Plan) -> Slot:
    """改过之后算哪一类；没说到就不变。属于某项工作的，类别跟着它。"""
    number = activity.number
    if activity.campaign and (plan.slot or plan.side or plan.campaign):
        raise Refusal(f"{number} 是{activity.campaign}，算{activity.slot}，不能另改。写错了就取消，重新发起。")
    if plan.unit_name:
        raise Refusal("算在哪个单位名下，发起时就定了。写错了就取消，重新发起。")
    if plan.side is None and plan.slot and activity.slot.side is Side.UNIT:
        raise Refusal(
            f"{number} 算单位的{activity.slot}。换一类发 /活动 改 {number} 单位 分享，"
            f"改回自己的发 /活动 改 {number} 个人 文体"
        )
    return slot_for(plan) if plan.side or plan.slot else activity.slot


async def allow(by: Speaker, activity: Activity, slot: Slot) -> None:
    """从单位的改出来、改成单位的，都要管得到那个单位。"""
    if slot is activity.slot or Side.UNIT not in (slot.side, activity.slot.side):
        return
    await activity.fetch_related("unit")
    if not by.administers(activity.unit.path or ""):
        raise Refusal(f"单位的活动由{activity.unit.name}的管理员来认，请他发 /活动 改 {activity.number} 单位 {slot}")
