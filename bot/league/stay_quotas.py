"""下基层要几天：文件没有写明天数，所以不替谁拟；由最上一级定，下级只能照着或少要，不能自己加。"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.league import audits, spans
from bot.league.errors import Refusal
from bot.league.overviews import year_in
from bot.league.periods import local
from bot.league.roster import Speaker
from db.models import Scheme, StayQuota, Unit

EXAMPLE = "/下基层 设 8+4 120天"
#: 没写文号时的依据：三项都出自这里，天数是定的单位自己的
DOCUMENT = "全团要讯2017第2期"
#: 一年至多要这么多天
DAYS_MAX = 366

_DOCUMENT = re.compile(r".{1,20}[\[(（〔]\d{4}[\])）〕]第?\d{1,4}号")


@dataclass(frozen=True)
class Order:
    """`/下基层 设` 后面几个词的意思；没说到的为空。"""

    scheme: Scheme
    days: int
    year: int
    document: str
    unit: str


def read(words: Sequence[str], *, at: datetime) -> Order:
    """`8+4 120天 [今年] [文号] [单位]`，词序随意；0 天是不要求了。"""
    scheme, days, year, document, rest = None, None, local(at).year, DOCUMENT, list[str]()
    for word in words:
        plain = unicodedata.normalize("NFKC", word)
        if plain in set(Scheme):
            scheme = Scheme(plain)
        elif found := re.fullmatch(r"(?:每年|全年)?(\d{1,4})天", plain):
            days = int(found[1])
        elif re.fullmatch(r"20\d\d年?|今年|本年", plain):
            year = year_in(plain, at=at)
        elif _DOCUMENT.fullmatch(word):
            document = word
        else:
            rest.append(word)
    if scheme is None or days is None or len(rest) > 1:
        raise Refusal(f"写上哪一项、全年几天，例如：{EXAMPLE}（后面可以写文号、单位）")
    if days > DAYS_MAX:
        raise Refusal(f"一年没有 {days} 天，再看看？例如：{EXAMPLE}")
    return Order(scheme, days, year, document, rest[0] if rest else "")


async def settle(by: Speaker, order: Order, *, at: datetime) -> StayQuota:
    """定一项今年要几天；比上级多、或上级没有要过，都不收，记一笔。"""
    unit = await _unit(by, order.unit)
    if order.year < local(at).year:
        raise Refusal(f"{order.year} 年已经过去了，只能定今年的。")
    if unit.parent_id is not None:
        above = (await quotas_for(order.year, (unit.path or "")[:-6])).get(order.scheme)
        if order.days > (above.days if above else 0):
            await audits.record(
                "stay.refuse",
                subject=f"u{unit.id}",
                at=at,
                actor_id=by.person_id,
                detail=f"{order.scheme} {order.days} 天",
            )
            raise Refusal(_too_much(order.scheme, above))
    row = await StayQuota.create(
        unit=unit,
        year=order.year,
        scheme=order.scheme,
        days=order.days,
        issuer=unit.name,
        document=order.document,
        set_by=by.person_id,
        set_at=at,
    )
    detail = f"{order.scheme} {order.days} 天"
    await audits.record("stay.quota", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    return row


def _too_much(scheme: Scheme, above: StayQuota | None) -> str:
    wanted = f"要的是 {above.days} 天（{above.issuer}，{above.document}）" if above else "没有要过天数"
    return f"不能层层加码（校青字〔2017〕10号 七.4）：{scheme} 上面{wanted}，下面不能要得更多。"


async def _unit(by: Speaker, name: str) -> Unit:
    if not by.is_admin:
        raise Refusal("要几天由单位管理员来定。记自己的，例如：/下基层 2天 某县团委 8+4")
    span = await spans.span_for(by, name, ask="/下基层 统计")
    if unit := await Unit.get_or_none(path=span.path):
        return unit
    raise Refusal(f"给哪个单位定？把单位写在后面，例如：{EXAMPLE} 示例大学团委")


async def quotas_for(year: int, path: str) -> dict[Scheme, StayQuota]:
    """对 `path` 处的单位算数的：本级与各上级里最新的几版，取要得最少的；没有定过、不要求的略去。"""
    rows = await StayQuota.filter(year=year).order_by("id").select_related("unit")
    newest = {(row.scheme, row.unit.path): row for row in rows if path.startswith(row.unit.path or "-")}
    chosen: dict[Scheme, StayQuota] = {}
    for row in sorted(newest.values(), key=lambda row: (row.days, -len(row.unit.path or ""))):
        chosen.setdefault(row.scheme, row)
    return {scheme: row for scheme, row in chosen.items() if row.days}
