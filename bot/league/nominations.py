"""最美青春故事：青年推荐团干部，每人每年一份；本人同意了才给评审看。推荐多少不排先后。"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import audits, campaigns, notices, units, wishes, words
from bot.league.campaigns import WORKS
from bot.league.errors import Refusal
from bot.league.nomination_steps import Reply, open_to
from bot.league.periods import after_quiet, local
from bot.league.roster import NAME_MAX, Speaker
from db.models import Cadre, Campaign, Group, Nomination, NominationState, Notice, NoticeState, Scope, Unit, WishLane

WORK = WORKS[Campaign.STORY]
#: 产品说明第 2 节：文字在了结后留 90 天；这里从当年过完算起
KEEP = timedelta(days=90)
#: 请本人回话，这么久没有下文就不再送
ASK_WINDOW = timedelta(days=14)

ASK = "nomination.ask"
EXAMPLE = "/推荐 @李老师 每周五陪我们改简历，改到第三稿才收工"


@dataclass(frozen=True)
class Nominated:
    """收下的一份。"""

    cadre: Cadre
    #: 有号码被隐去了
    masked: bool


@dataclass(frozen=True)
class Case:
    """给评审看的一位：本人同意了的各份事迹，不写是谁推荐的。"""

    cadre: Cadre
    stories: tuple[str, ...]


@dataclass(frozen=True)
class Jury:
    """一个单位（连同下级）一年的名单，按单位排，不按推荐多少排。"""

    year: int
    unit: Unit
    cases: tuple[Case, ...]
    #: 还有等本人回话的
    waiting: bool


async def nominate(
    by: Speaker,
    text: str,
    *,
    mentions: Sequence[str] = (),
    at: datetime,
    group: Group | None = None,
    group_id: str | None = None,
) -> Nominated | wishes.Submission:
    """推荐一位：@ 到的，没有 @ 就是头一个词写的姓名；话里有伤害自己的意思的按危机求助走（返回 `Submission`）。"""
    text = words.tidy(text)
    if words.lane_of(text) is WishLane.CRISIS:
        return await wishes.submit(by, text, at=at, group=group, group_id=group_id)
    year = _open_year(at)
    if by.person_id is None or not by.joined:
        raise Refusal("推荐要先 /加入：由联系着的青年来推荐，每人每年一位。")
    cadre, text = await _nominee(by.scope, mentions, text)
    if cadre.person_id == by.person_id:
        raise Refusal("不能推荐自己，这是青年说了算的。")
    words.check_length(text, "事迹", example=EXAMPLE, later="挑最打动你的一件事说")
    masked = words.mask(text)
    try:
        async with in_transaction():
            await Nomination.create(
                year=year,
                author_id=by.person_id,
                cadre=cadre,
                text=masked,
                state=NominationState.WAITING,
                created_at=at,
            )
    except IntegrityError:
        raise Refusal(f"{year} 年你已经推荐过一位了，每人每年一位。想换人，先私聊我发 /推荐 撤回。") from None
    return Nominated(cadre, masked != text)


def _open_year(at: datetime) -> int:
    """正在收推荐的是哪一年的；不在收就 `Refusal`。"""
    day = local(at).date()
    since, due = date(day.year, *WORK.begins), date(day.year, *(WORK.due or WORK.ends))
    if day < since:
        raise Refusal(f"{WORK.campaign}从 {since.month} 月 {since.day} 日开始推荐，到时候再来说。")
    if day > due:
        raise Refusal(f"{day.year} 年的推荐 {due.month} 月 {due.day} 日截止了，明年 {since.month} 月再来。")
    return day.year


async def _nominee(scope: Scope, mentions: Sequence[str], text: str) -> tuple[Cadre, str]:
    """推荐的是谁，和事迹。"""
    if len(mentions) > 1:
        raise Refusal("一次推荐一位，每人每年也只有一位。")
    if mentions:
        rows = Cadre.filter(person__accounts__scope=scope, person__accounts__user_id=mentions[0], left_at=None)
        if found := await rows.select_related("person").first():
            return found, text
        raise Refusal("这位不在团干部名册上，推荐的得是团干部。")
    name, *story = text.split(maxsplit=1) or [""]
    return await _called(name.lstrip("@＠")), "".join(story)


async def _called(name: str) -> Cadre:
    """私聊里写的姓名；同名的要到群里 @。"""
    rows = (
        await Cadre.filter(person__name=name, left_at=None).select_related("person").limit(2)
        if len(name) <= NAME_MAX
        else []
    )
    if len(rows) > 1:
        raise Refusal(f"名册上有几位{name}，请到群里 @ 本人来推荐。")
    if not rows:
        raise Refusal(f"推荐谁？先 @ 那位或写上姓名，空一格再写事迹，例如：{EXAMPLE}")
    return rows[0]


async def mine(by: Speaker, *, at: datetime) -> Nomination | None:
    """自己今年推荐的那一份。"""
    rows = Nomination.filter(author_id=by.person_id or 0, year=local(at).year)
    return await rows.select_related("cadre__person").first()


async def withdraw(by: Speaker, *, at: datetime) -> None:
    """青年撤回自己今年的那一份，一个字不留。"""
    mine = await Nomination.get_or_none(author_id=by.person_id or 0, year=local(at).year)
    if mine is None:
        raise Refusal("今年你还没有推荐过谁。")
    await _drop([mine])


async def about(cadre_id: int, *, at: datetime) -> list[Nomination]:
    """今年推荐这位团干部的，给他本人看；不写是谁推荐的。"""
    return await Nomination.filter(cadre_id=cadre_id, year=local(at).year).order_by("id")


async def answer(by: Speaker, reply: Reply, *, at: datetime) -> int:
    """本人对今年的推荐点头或婉拒，一句话管眼下的全部；返回几份变了。"""
    mine = Nomination.filter(cadre_id=by.cadre_id or 0, year=local(at).year)
    if not await mine.exists():
        raise Refusal("今年还没有人推荐你，有了我私聊告诉你。")
    changed = 0
    for before, after in open_to(reply).items():
        changed += await mine.filter(state=before).update(state=after, answered_at=at)
    if not changed:
        raise Refusal(
            f"你已经说过{reply}了。改主意随时发 /推荐 {' 或 '.join(one for one in Reply if one is not reply)}"
        )
    return changed


async def jury(by: Speaker, year: int | None, unit_name: str | None, *, at: datetime) -> Jury:
    """评审用的名单：只有管理员与督导看得到，只有本人同意了的；每看一次都留痕。"""
    if not (by.is_admin or by.is_inspector):
        raise Refusal("名单给组织评审的管理员看。看自己的，发 /推荐")
    unit = await units.seen(by, unit_name, example="/推荐 名单")
    if not units.oversees(by, unit):
        raise Refusal("名单给组织评审的管理员看。看自己的，发 /推荐")
    year = year or local(at).year
    below = Nomination.filter(year=year, cadre__unit__path__gte=unit.path, cadre__unit__path__lt=unit.path_end)
    agreed = below.filter(state=NominationState.AGREED).order_by("cadre__unit__path", "cadre_id", "id")
    stories: dict[int, list[Nomination]] = {}
    for row in await agreed.select_related("cadre__person", "cadre__unit"):
        stories.setdefault(row.cadre_id, []).append(row)
    await audits.record(
        "nominations.view", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=f"{year} 年的推荐名单"
    )
    cases = tuple(Case(rows[0].cadre, tuple(row.text for row in rows)) for rows in stories.values())
    return Jury(year, unit, cases, await below.filter(state=NominationState.WAITING).exists())


async def keep(at: datetime) -> None:
    """有新推荐的请本人回话，一周至多请一次；过了年满 90 天的整行删掉。可以随便重复。"""
    day = local(at).date()
    await Nomination.filter(year__lte=(day - KEEP).year - 1).delete()
    if campaigns.is_on(WORK, at):
        fresh = Nomination.filter(year=day.year, state=NominationState.WAITING, asked_at=None)
        for cadre_id in set(await fresh.values_list("cadre_id", flat=True)):
            await _ask(int(str(cadre_id)), at)


async def _ask(cadre_id: int, at: datetime) -> None:
    cadre = await Cadre.get(id=cadre_id)
    year, week, _ = local(at).isocalendar()
    asked = cadre.left_at is None and await notices.post(
        ASK,
        period=f"{year}-W{week:02d}",
        person_id=cadre.person_id,
        text=(
            f"有青年推荐你参加{WORK.campaign}。私聊我发 /推荐 看写了什么；愿意给评审看，发 /推荐 同意，"
            "不愿意发 /推荐 婉拒。你点头之前谁也看不到，婉拒了也没有人知道。"
        ),
        at=at,
        expires_at=after_quiet(at) + ASK_WINDOW,
        discreet=True,
    )
    if asked:
        waiting = Nomination.filter(cadre_id=cadre_id, state=NominationState.WAITING, asked_at=None)
        await waiting.update(asked_at=at)


async def merge(source: int, target: int) -> None:
    """两个人并成一个：同一年都推荐过的留目标那份；成了推荐自己的不要。要在事务里调用。"""
    years = await Nomination.filter(author_id=target).values_list("year", flat=True)
    await Nomination.filter(author_id=source, year__in=list(years)).delete()
    await Nomination.filter(author_id=source).update(author_id=target)
    await Nomination.filter(author_id=target, cadre__person_id=target).delete()


async def erase(person_id: int) -> None:
    """本人要求删除数据：他推荐别人的、别人推荐他的，整行删掉。"""
    await _drop(await Nomination.filter(author_id=person_id))
    await Nomination.filter(cadre__person_id=person_id).delete()


async def _drop(rows: Collection[Nomination]) -> None:
    """删掉几份；被推荐的那位还没听说、也没有别的等他回话的，就不去说了。"""
    await Nomination.filter(id__in=[row.id for row in rows]).delete()
    for row in rows:
        if not await Nomination.filter(cadre_id=row.cadre_id, state=NominationState.WAITING).exists():
            nominee = (await Cadre.get(id=row.cadre_id)).person_id
            unsent = Notice.filter(kind=ASK, person_id=nominee, state__in=(NoticeState.DUE, NoticeState.RIDING))
            await unsent.delete()
