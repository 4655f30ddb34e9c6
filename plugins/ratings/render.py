"""评价怎么说给人听。对团干部从不说谁、几份、均分。"""

from bot.league.formula import RATINGS_NEEDED
from bot.league.ratings import TEXTS_NEEDED, Given, Results
from bot.league.scored_ratings import Satisfaction


def given(one: Given) -> str:
    """收下之后：记了什么、谁看得到、能不能改。"""
    lines = [f"{'改好了' if one.changed else '记下了'}：给{one.cadre} {one.stars} 分。几分不会告诉任何人。"]
    if one.sampled and not one.changed:
        lines.append("截止前改主意了，再发一次就行。")
    if one.late:
        lines.append("随机问到的那回已经截止，这次算你主动说的，不进积分。")
    elif not one.sampled:
        lines.append("你主动说的不进积分，只有随机问到的才算，这样谁也不用去要分。")
    if one.has_text:
        lines.append(
            f"你写的话，满 {TEXTS_NEEDED} 个人都写了，季末打乱了给{one.cadre}看，不写是谁；不够就删掉。"
            f"不想让他看到，再发 /评价 {one.stars} 就只留分数。"
        )
    if one.masked:
        lines.append("里面的号码我替你隐去了。")
    return "\n".join(lines)


def results(found: Results) -> str:
    """团干部看自己的：两季各一个大概，和上季的几句话。"""
    lines = [
        f"{found.quarter}：{_band(found.current)}",
        f"{found.quarter.previous}：{_band(found.previous)}",
    ]
    if found.texts:
        lines += ["上季青年说的（打乱了次序，不写是谁）", *(f"· {' '.join(text.split())}" for text in found.texts)]
    return "\n".join([*lines, "每季随机问几位青年，谁被问到、打了几分，谁也不知道；不用去要，也请别打听。"])


def _band(one: Satisfaction | None) -> str:
    return f"问到的青年总体觉得{one}" if one else f"还没揭晓，或不满 {RATINGS_NEEDED} 份，不显示"
