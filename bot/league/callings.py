"""通知里点到的人：怎么称呼一位青年；谁删除了数据，说过的称呼、姓名都要换掉。"""

from bot.league import crises, notices, words
from db.models import Contact, Notice, Person, Scope

#: 删除了数据的人
ERASED = "（账号已删除）"
#: 一个字的姓名认不出是谁，换了反而弄坏别的话
_TELLING = 2


def called(name: str | None, account: str | None) -> str:
    """姓名；自己加入的没有姓名，用账号尾号（`account` 写作 `qq/10001`）。"""
    scope, _, user_id = (account or "").partition("/")
    return words.tidy(name or "") or (f"{Scope(scope).label} 尾号{user_id[-4:]}" if user_id else ERASED)


async def unname(person_id: int) -> None:
    """本人要求删除数据：别人的通知里点到他的，换掉或清空。要在抹掉姓名、账号之前，在事务里调用。"""
    person = await Person.get(id=person_id).prefetch_related("accounts")
    names = [called(person.name, None), *(called(None, f"{one.scope}/{one.user_id}") for one in person.accounts)]
    cadres = await Contact.filter(youth_id=person_id).values_list("cadre__person_id", flat=True)
    reminders = Notice.filter(kind__startswith="reminder.", text__isnull=False)
    for row in await reminders.filter(person_id__in=list(cadres)).only("id", "text"):
        await _replace(row, {f"{name}（": f"{ERASED}（" for name in names})
    if person.name and len(person.name) >= _TELLING:
        await _unname_officer(person.name)


async def _unname_officer(name: str) -> None:
    """“张三认领了”“张三想请你接着联系”：说过的清空，没说的换掉。还没送到值守人的求助照样送到。"""
    rows = Notice.filter(text__contains=name).exclude(kind__startswith="reminder.")
    await rows.filter(state__in=notices.OVER).update(text=None)
    for row in await rows.exclude(kind=crises.LETTER).only("id", "text"):
        await _replace(row, {name: ERASED})


async def _replace(row: Notice, changes: dict[str, str]) -> None:
    text = row.text or ""
    for before, after in changes.items():
        text = text.replace(before, after)
    if text != row.text:
        await Notice.filter(id=row.id).update(text=text)
