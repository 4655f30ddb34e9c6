"""送到工作群的那张图。"""

from bot.cards import Card
from bot.gateway.pictures import painter
from bot.league.honour_rolls import issue_of
from db.models import Roll
from plugins.honours import render


@painter("honour")
async def paint_honour(roll_id: int) -> Card | None:
    """发布了的一版，原样。"""
    row = await Roll.get_or_none(id=roll_id)
    return render.card(issue_of(row)) if row else None
