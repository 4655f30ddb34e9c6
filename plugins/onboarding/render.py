"""上手的一页。"""

from collections.abc import Sequence

from bot.cards import Card, listing, row
from bot.league.onboarding import Step

OVER = "上任已经过了一季，上手这一页收起来了。做到哪了发 /进度，会用什么发 /帮助。"
ALL_DONE = "几步都走完了，你已经上手了。往后看 /进度、/待办 就行。"
FOOT = "做了的我自己打勾；这不是指标，不进积分。青年愿不愿意都随他，不用催。"


def next_step(step: Step) -> str:
    """搭在进度、周摘要里的一句。"""
    return f"上手下一步：{step.title}，{step.how}。走到哪了发 /上手"


def steps(found: Sequence[Step]) -> Card | str:
    """一步一行；下一步说怎么做。"""
    if not found:
        return OVER
    done = sum(step.done for step in found)
    if done == len(found):
        return ALL_DONE
    rows = [row(step.title, "好了" if step.done else step.how, tags=[step.when], warn=False) for step in found]
    lines = [
        f"{step.when}｜{'☑' if step.done else '☐'} {step.title}{'' if step.done else f'：{step.how}'}" for step in found
    ]
    return listing("上手", f"走了 {done} 步，共 {len(found)} 步", rows, lines=lines, foot=FOOT)
