"""提醒里怎么称呼一位青年；他删除了数据，说过的称呼也要换掉。"""

from bot.league import words
from db.models import Contact, Notice, Person, Scope

#: 删除了数据的青年
ERASED = "（账号已删除）"


def called(name: str | None, account: str | None) -> str:
    """姓名；自己加入的没有姓名，用账号尾号（`account` 写作 `qq/10001`）。"""
    scope, _, user_id = (account or "").partition("/")
    return words.tidy(name or "") or (f"{Scope(scope).label} 尾号{user_id[-4:]}" if user_id else ERASED)


async def unname(person_id: int) -> None:
    """本人要求删除数据：团干部的提醒里点过他的，称呼换掉。要在抹掉姓名、账号之前，在事务里调用。"""
    person = await Person.get(id=person_id).prefetch_related("accounts")
    names = [called(person.name, None), *(called(None, f"{one.scope}/{one.user_id}") for one in person.accounts)]
    cadres = await Contact.filter(youth_id=person_id).values_list("cadre__person_id", flat=True)
    rows = Notice.filter(kind__startswith="reminder.", person_id__in=list(cadres), text__isnull=False)
    for row in await rows.only("id", "text"):
        text = row.text or ""
        for name in names:
            text = text.replace(f"{name}（", f"{ERASED}（")
        if text != row.text:
            await Notice.filter(id=row.id).update(text=text)
