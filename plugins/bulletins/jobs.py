"""送到工作群的那张图。"""

from bot.cards import Card
from bot.gateway.pictures import painter
from bot.league import bulletins
from db.models import Bulletin
from plugins.bulletins import render


@painter("bulletin")
async def paint_bulletin(bulletin_id: int) -> Card | None:
    """发布了的一版，原样。"""
    row = await Bulletin.get_or_none(id=bulletin_id)
    return render.card(bulletins.issue_of(row)) if row else None
