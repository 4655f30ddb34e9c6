"""推荐怎么说给人听。谁推荐的，除了本人谁也不告诉。"""

from collections.abc import Sequence

from bot.league.nomination_steps import Reply
from bot.league.nominations import EXAMPLE, WORK, Jury, Nominated
from bot.league.roster import Speaker
from db.models import Nomination, NominationState


def nominated(found: Nominated) -> str:
    """收下之后。"""
    hidden = "里面的号码我隐去了。" if found.masked else ""
    return (
        f"收下了，谢谢你。{hidden}我先问{found.cadre.person.name or ''}本人，愿意了才给评审看；不写是谁推荐的，"
        "推荐多少也不排先后。想撤回，私聊我发 /推荐 撤回。"
        "愿意让宣传材料用这段话（只写“一位青年”），私聊我发 /素材 同意。"
    )


def own(mine: Nomination | None, about: Sequence[Nomination], by: Speaker) -> str:
    """自己推荐的、推荐自己的。"""
    lines = list[str]()
    if mine:
        lines.append(f"今年你推荐了{mine.cadre.person.name}：{mine.text}\n想撤回，发 /推荐 撤回。")
    if about:
        lines += [f"有 {len(about)} 份推荐了你（不写是谁）：", *(f"· {row.text}（{row.state}）" for row in about)]
        lines.append("愿意给评审看，发 /推荐 同意；不愿意，发 /推荐 婉拒。随时可以改主意。")
    if not lines:
        lines.append(f"{WORK.campaign}由青年来推荐，每人每年一位，例如：{EXAMPLE}")
    if by.is_admin or by.is_inspector:
        lines.append("看本人同意了的名单，发 /推荐 名单")
    return "\n".join(lines)


def answered(reply: Reply) -> str:
    """本人回话之后。"""
    if reply is Reply.AGREE:
        return (
            "好，眼下这几份给评审看。以后再有新的，我再问你；改主意发 /推荐 婉拒。"
            "这只是给评审看，愿意在宣传材料里写上姓名和事迹，另发 /素材 同意。"
        )
    return "好，谁也不会看到，也没有人知道你说过不。改主意发 /推荐 同意。"


def jury(found: Jury) -> str:
    """给评审的名单：按单位排，只有事迹。"""
    lines = [f"{found.year} 年{WORK.campaign} · {found.unit.name}（按单位排；推荐多少不算数，请评审看事迹）"]
    for case in found.cases:
        lines.append(f"{case.cadre.person.name}（{case.cadre.unit.name}）")
        lines += [f"· {story}" for story in case.stories]
    if not found.cases:
        lines.append("还没有本人点了头的。")
    if found.waiting:
        lines.append(f"还有“{NominationState.WAITING}”的，点了头才会出现。")
    return "\n".join([*lines, "只给评审用，请不要往外转。"])
