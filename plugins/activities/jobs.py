"""每分钟看一遍：快开始的提醒，早就办完的结束。"""

from datetime import datetime

from bot.league import activity_changes
from bot.ticks import tick


@tick
async def keep_activities(at: datetime) -> None:
    """可以随便重复。"""
    await activity_changes.remind(at)
    await activity_changes.close_old(at)
