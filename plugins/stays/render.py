"""下基层怎么说给人听。天数都写“天”，人数都写“人”，等级分开，不相加。"""

from collections.abc import Mapping
from itertools import groupby

from bot.cards import Card, Json, listing, row
from bot.league.overviews import LISTED
from bot.league.periods import moment
from bot.league.spans import Span
from bot.league.stay_counts import Days, OwnYear, Share, Tally, per_unit, tally
from bot.league.stay_orders import EXAMPLE
from bot.league.stays import days_text
from db.models import EvidenceGrade, Scheme, Stay, StayQuota, StayState, StayVersion

_COMPLETE = "写上见了多少人（如 12人），时间、地点、人员就齐了（L1）"


def kept(stay: Stay) -> str:
    """记下之后：日子说全，记错了好改。"""
    lines = [f"记下了 {stay.number}：{_what(stay)}。"]
    if not stay.schemes:
        lines.append(f"没写算哪一项，只记了天数。要算进去发 /纠错 {stay.number} 漏写了 改为 8+4")
    if stay.grade is EvidenceGrade.L0:
        lines.append(f"这是 L0 自报；下次{_COMPLETE}。")
    return "\n".join(lines)


def corrected(stay: Stay) -> str:
    """更正之后。"""
    return (
        f"{stay.number} 改好了，这是第 {stay.version} 版：{_what(stay)}。从前的留着，私聊发 /下基层 {stay.number} 看。"
    )


def voided(stay: Stay) -> str:
    """作废之后。"""
    return (
        f"{stay.number} 作废了，那几天空出来了；记过的每一版都还在。"
        f"只是想改的话，下次写 /纠错 {stay.number} 原因 改为 对的。"
    )


def settled(quota: StayQuota) -> str:
    """定好要几天之后。"""
    if not quota.days:
        return f"定好了：{quota.issuer} {quota.year} 年 {quota.scheme} 不要求天数。"
    return (
        f"定好了：{quota.issuer} {quota.year} 年 {quota.scheme} 全年 {quota.days} 天，依据{quota.document}。"
        "下级照这个来，可以少要，不能多要。"
    )


def history(stay: Stay, versions: list[StayVersion]) -> str:
    """一次下基层和它的每一版。"""
    head = f"{stay.number}：{stay.grade if stay.state is StayState.KEPT else stay.state}"
    return "\n".join([head, *map(_version, versions)])


def mine(own: OwnYear, name: str | None) -> Card | str:
    """一项一行，再一次一行。"""
    if not own.stays and not own.quotas:
        return f"{own.year} 年还没有记下基层。记一次，例如：{EXAMPLE}"
    title, about = f"{name or '我'}下基层", f"{own.year} 年"
    foot = f"一天只记一次，算几项都行。{_COMPLETE}。记错了发 /纠错 编号 原因 改为 对的。"
    rows: list[Json] = [_scheme_row(own, scheme) for scheme in Scheme]
    if own.unsorted:
        rows.append(row("没写算哪一项", "", tags=_tags(own.unsorted)))
    rows += [_stay_row(stay) for stay in own.stays[:LISTED]]
    lines = [_scheme_line(own, scheme) for scheme in Scheme]
    if own.unsorted:
        lines.append(f"没写算哪一项：{_days(own.unsorted)}")
    lines += [f"{stay.number} {_what(stay)}：{stay.grade}" for stay in own.stays[:LISTED]]
    more = _more(len(own.stays) - LISTED, "次")
    return listing(title, about, rows, lines=lines, more=more, foot=foot)


def overview(span: Span, year: int, shares: list[Share], names: Mapping[str, str]) -> Card | str:
    """管理员看的：每项合计、各单位、各人；不排名次。"""
    if not shares:
        return f"{span.name} {year} 年还没有人记下基层。"
    title, about = f"{span.name}下基层", f"{year} 年"
    foot = "等级分开数，不相加；一次算几项的，每项里各数一遍。不排名次。"
    rows, lines = list[Json](), list[str]()
    for scheme in (*Scheme, None):
        if members := [share for share in shares if share.scheme is scheme]:
            _add(rows, lines, "合计", {scheme: _tally(tally(members))})
    for path, schemes in per_unit(span, shares).items():
        if path != span.path and path in names:
            _add(rows, lines, names[path], {scheme: _tally(counted) for scheme, counted in schemes.items()})
    people = [list(group) for _, group in groupby(shares, key=lambda share: (share.cadre_id, share.path))]
    for group in people[:LISTED]:
        _add(rows, lines, f"{group[0].name}（{group[0].unit}）", {share.scheme: _days(share.days) for share in group})
    more = _more(len(people) - LISTED, "人")
    return listing(title, about, rows, lines=lines, more=more, foot=foot)


def _add(rows: list[Json], lines: list[str], name: str, counted: Mapping[Scheme | None, str]) -> None:
    """图上一项一行，免得切短了数字；文字版写在一行里。"""
    texts = {scheme or "没写哪一项": text for scheme, text in counted.items()}
    rows += [row(name, text, tags=[scheme]) for scheme, text in texts.items()]
    lines.append(f"{name}：{'；'.join(f'{scheme} {text}' for scheme, text in texts.items())}")


def _more(hidden: int, unit: str) -> str:
    return f"还有 {hidden} {unit}没列出。" if hidden > 0 else ""


def _scheme_row(own: OwnYear, scheme: Scheme) -> Json:
    return row(scheme, _asked(own, scheme), tags=_tags(own.days[scheme]))


def _scheme_line(own: OwnYear, scheme: Scheme) -> str:
    quota = own.quotas.get(scheme)
    source = f"（{quota.issuer}，{quota.document}）" if quota else ""
    return f"{scheme}：{_days(own.days[scheme]) or '还没有'}，{_asked(own, scheme)}{source}"


def _asked(own: OwnYear, scheme: Scheme) -> str:
    quota = own.quotas.get(scheme)
    return f"全年要 {quota.days} 天" if quota else "上面没定要几天"


def _stay_row(stay: Stay) -> Json:
    when = f"{days_text(stay.first_day, stay.days)} · {stay.days} 天"
    return row(f"{stay.number} {stay.place}", when, tags=[*stay.schemes.split(), stay.grade])


def _what(stay: Stay) -> str:
    """`11月17日–18日，某县团委，2 天，算 8+4、蹲点，见了 12 人`。"""
    parts = [days_text(stay.first_day, stay.days), stay.place, f"{stay.days} 天"]
    if stay.schemes:
        parts.append(f"算 {stay.schemes.replace(' ', '、')}")
    if stay.people:
        parts.append(f"见了 {stay.people} 人")
    return "，".join(filter(None, parts))


def _version(version: StayVersion) -> str:
    parts = [
        days_text(version.first_day, version.days),
        f"{version.days} 天",
        version.place,
        version.schemes.replace(" ", "、"),
        f"{version.people} 人" if version.people else "",
        version.state if version.state is StayState.VOIDED else "",
        f"原因：{version.reason}" if version.reason else "",
    ]
    return f"第 {version.version} 版（{moment(version.at)}）{' · '.join(filter(None, parts))}"


def _tags(days: Days) -> list[str]:
    return [f"{grade} {count} 天" for grade, count in _ordered(days)]


def _days(days: Days) -> str:
    return " · ".join(f"{grade} {count} 天" for grade, count in _ordered(days))


def _tally(counted: Tally) -> str:
    return f"{counted.people} 人 · {_days(counted.days)}"


def _ordered(days: Days) -> list[tuple[EvidenceGrade, int]]:
    return [(grade, days[grade]) for grade in reversed(EvidenceGrade) if grade in days]
