"""试算的季度：分照算，本人照看自己的几部分；名次、档位、榜一概不出。哪几季由 `TUAN_SHADOW_QUARTERS` 定。"""

from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.settings import settings

#: 名次、榜、通报里该写名次的地方，写这一句
SENTENCE = "这一季先试算，不排名"


def is_shadow(quarter: Quarter) -> bool:
    """这一季是不是只试算。"""
    return str(quarter) in settings().shadow_quarters


def refuse_in(quarter: Quarter) -> None:
    """要看试算的一季的榜：`Refusal`。"""
    if is_shadow(quarter):
        raise Refusal(f"{quarter} {SENTENCE}。团干部自己的几部分分数，私聊我发 /积分 看。")
