"""反馈的措辞。"""

from bot.league.feedbacks import Feedback
from bot.league.quantities import SHOWN_FROM


def feedback(found: Feedback) -> str:
    """先说做了什么，再说好在哪、哪里可以改。"""
    cadres = f"{found.cadres} 人" if found.cadres >= SHOWN_FROM else f"不足 {SHOWN_FROM} 人"
    lines = [f"{found.unit.name} {found.quarter} 反馈", f"在任团干部{cadres}；{found.coverage}。"]
    if found.report:
        lines.append(f"季报：{found.report}")
    for title, sentences in (("做了什么", found.done), ("好在哪", found.good), ("哪里可以改", found.wanting)):
        if sentences:
            lines += [f"{title}：", *(f"· {one}" for one in sentences)]
    if not (found.done or found.wanting):
        lines.append("这一季还没有记下什么。")
    return "\n".join([*lines, "哪条不对，拿编号请记的人核对；记的人自己看，发 /查记录 编号。"])
