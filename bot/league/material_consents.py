"""宣传素材的同意：本人说了才算，一年一回，随时可以撤。与评审的点头、与 `/加入` 都不是一回事。"""

from datetime import datetime

from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from db.models import MaterialConsent


async def agree(by: Speaker, *, at: datetime) -> None:
    """本人同意今年的素材里用：团干部是姓名与事迹，青年是自己写的话。再说一遍不变。"""
    if by.person_id is None or not (by.joined or by.is_cadre):
        raise Refusal("这是给已经加入的青年和团干部的；没加入的人，素材里本来就没有你的话。")
    await MaterialConsent.get_or_create(person_id=by.person_id, year=local(at).year, defaults={"given_at": at})


async def decline(by: Speaker) -> None:
    """撤回同意，各年的都撤；以后再取的素材里就没有了。"""
    await MaterialConsent.filter(person_id=by.person_id or 0).delete()


async def merge(source: int, target: int) -> None:
    """两个人并成一个：哪边同意过都算他的。要在事务里调用。"""
    years = await MaterialConsent.filter(person_id=target).values_list("year", flat=True)
    await MaterialConsent.filter(person_id=source, year__in=list(years)).delete()
    await MaterialConsent.filter(person_id=source).update(person_id=target)


async def erase(person_id: int) -> None:
    """本人要求删除数据。"""
    await MaterialConsent.filter(person_id=person_id).delete()
