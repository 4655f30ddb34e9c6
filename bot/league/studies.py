"""年度课题：一人一年一个。走法只有一张表；题目一直留着，说的话了结 90 天后清空。"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import steps, words
from bot.league.belated import KEEP_TEXT
from bot.league.errors import Refusal
from bot.league.periods import local, on
from bot.league.postings import in_post, posts
from bot.league.roster import Speaker
from bot.league.spans import Span
from bot.league.stay_counts import year_range
from db import sql
from db.models import Study, StudyAction, StudyEvent, StudyState

#: 题目至多几个字
TITLE_MAX = 40

EXAMPLE = "/课题 青年为什么不来参加活动"

SETTLED, UNDER_WAY, SUBMITTED, DROPPED = StudyState

#: 头一回定题从 `None` 开始；表里没有的都不行。提交了还可以再交一版，放弃了可以另定
STEPS: dict[tuple[StudyState | None, StudyAction], StudyState] = {
    (None, StudyAction.SETTLE): SETTLED,
    (SETTLED, StudyAction.RENAME): SETTLED,
    (SETTLED, StudyAction.PROGRESS): UNDER_WAY,
    (SETTLED, StudyAction.SUBMIT): SUBMITTED,
    (SETTLED, StudyAction.DROP): DROPPED,
    (UNDER_WAY, StudyAction.RENAME): UNDER_WAY,
    (UNDER_WAY, StudyAction.PROGRESS): UNDER_WAY,
    (UNDER_WAY, StudyAction.SUBMIT): SUBMITTED,
    (UNDER_WAY, StudyAction.DROP): DROPPED,
    (SUBMITTED, StudyAction.SUBMIT): SUBMITTED,
    (DROPPED, StudyAction.SETTLE): SETTLED,
}
#: 算了结的：说的话从这时起留 90 天
ENDINGS = frozenset({SUBMITTED, DROPPED})

#: 删除了数据的人
NAMELESS = "（没写姓名）"

#: 每一步要写的话的例子
EXAMPLES = {
    StudyAction.RENAME: "/课题 改 青年想要什么样的活动",
    StudyAction.PROGRESS: "/课题 进展 访谈了十位青年",
    StudyAction.SUBMIT: "/课题 结题 报告的链接，或一句结论",
    StudyAction.DROP: "/课题 放弃 换了岗位",
}


@dataclass(frozen=True)
class UnitStudies:
    """一片单位这一年的课题：在任的人各有没有、到哪一步。"""

    #: (姓名, 单位, 课题)；还没定的课题为空
    rows: list[tuple[str, str, Study | None]]

    def count(self, state: StudyState | None) -> int:
        """这一步的有几位；空是还没定的，人。"""
        return sum(1 for _, _, study in self.rows if (study.state if study else None) is state)


def check(study: Study | None, action: StudyAction) -> StudyState:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if after := STEPS.get((study.state if study else None, action)):
        return after
    if study is None:
        raise Refusal(f"今年还没定课题，先定一个，例如：{EXAMPLE}")
    if study.state is SUBMITTED:
        raise Refusal(f"“{study.title}”已经提交了。还要补交，例如：{EXAMPLES[StudyAction.SUBMIT]}")
    if study.state is DROPPED:
        raise Refusal(f"“{study.title}”已经放弃了。另定一个，例如：{EXAMPLE}")
    raise Refusal(
        f"今年的课题已经定了：“{study.title}”（{study.state}），一年一个。换题目发 {EXAMPLES[StudyAction.RENAME]}"
    )


async def act(by: Speaker, action: StudyAction, text: str, *, at: datetime) -> Study:
    """对自己今年的课题走一步；年初补交，今年还没定的算去年没了结的那个。"""
    cadre_id, unit_id = by.office()
    said = _title(text) if action in (StudyAction.SETTLE, StudyAction.RENAME) else _note(action, text)
    async with in_transaction():
        study = await _current(cadre_id, action, year=local(at).year)
        after = check(study, action)
        if study is None:
            study = await _first(cadre_id, unit_id, said, at=at)
            await StudyEvent.create(study_id=study.id, action=action, at=at)
            return study
        naming = action in (StudyAction.SETTLE, StudyAction.RENAME)
        note = study.title if naming else said
        changes: dict[str, object] = {"title": said} if naming else {}
        if action is StudyAction.SETTLE:
            changes |= {"unit_id": unit_id, "settled_at": at}
        ended_at = at if after in ENDINGS else None
        await steps.move(study, "课题", unless_changed=("state", "title"), state=after, ended_at=ended_at, **changes)
        await StudyEvent.create(study_id=study.id, action=action, at=at, note=note)
    return study


def _title(text: str) -> str:
    title = words.mask(" ".join(words.tidy(text).split()))
    if not title or len(title) > TITLE_MAX:
        raise Refusal(f"题目写 {TITLE_MAX} 个字以内，例如：{EXAMPLE}")
    return title


def _note(action: StudyAction, text: str) -> str:
    return words.sentence(text, example=EXAMPLES[action])


async def _current(cadre_id: int, action: StudyAction, *, year: int) -> Study | None:
    mine = Study.filter(cadre_id=cadre_id).select_for_update(no_key=True)
    study = await mine.get_or_none(year=year)
    if study is None and action is not StudyAction.SETTLE:
        study = await mine.get_or_none(year=year - 1, state__in=(SETTLED, UNDER_WAY))
    return study


async def _first(cadre_id: int, unit_id: int, title: str, *, at: datetime) -> Study:
    try:
        return await Study.create(
            cadre_id=cadre_id, unit_id=unit_id, year=local(at).year, title=title, state=SETTLED, settled_at=at
        )
    except IntegrityError:  # 同一刻在两个账号上各定了一次
        raise Refusal("今年的课题刚刚已经定下了，发 /课题 看看。") from None


async def mine(by: Speaker, *, at: datetime) -> list[tuple[Study, list[StudyEvent]]]:
    """自己的课题，连同每一步：今年的，和去年没了结的；新的在前。"""
    cadre_id, _ = by.office()
    year = local(at).year
    wanted = Q(year=year) | Q(year=year - 1, state__in=(SETTLED, UNDER_WAY))
    studies = await Study.filter(wanted, cadre_id=cadre_id).order_by("-year").prefetch_related("events")
    return [(study, sorted(study.events, key=lambda event: event.id)) for study in studies]


async def in_span(span: Span, year: int) -> UnitStudies:
    """`span` 里在任团干部的课题（离任了的只列定过的），还没定的排在最后。通报照这个汇总。"""
    inside = {"unit__path__gte": span.path, "unit__path__lt": span.path_end}
    found = Study.filter(year=year, **inside).order_by("unit__path", "id").select_related("cadre__person", "unit")
    rest = await sql.query(
        f"""
        SELECT p.name, u.name AS unit
        FROM {posts("$1")} d JOIN unit u ON u.id = d.unit_id JOIN person p ON p.id = d.person_id
        WHERE {in_post("d", "$1")} AND u.path >= $2 AND u.path < $3
          AND NOT EXISTS (SELECT 1 FROM study s WHERE s.cadre_id = d.id AND s.year = $4)
        ORDER BY u.path, d.id
        """,
        on(year_range(year)[1]),
        span.path,
        span.path_end,
        year,
    )
    rows = [(study.cadre.person.name or NAMELESS, study.unit.name, study) for study in await found]
    return UnitStudies([*rows, *((row["name"] or NAMELESS, row["unit"], None) for row in rest)])


async def per_unit(span: Span, year: int) -> dict[str, dict[StudyState, int]]:
    """`span` 的下一级（和它本身）各有多少个课题走到哪一步，个；键是 `Unit.path`。"""
    inside = Study.filter(year=year, unit__path__gte=span.path, unit__path__lt=span.path_end)
    found: dict[str, dict[StudyState, int]] = {}
    for path, state in await inside.order_by("unit__path", "id").values_list("unit__path", "state"):
        states = found.setdefault(str(path)[: len(span.path) + 6], {})
        states[state] = states.get(state, 0) + 1
    return found


async def forget(at: datetime) -> None:
    """说的话了结满 90 天清空，题目留着；一直没了结的，从那一年过完算起。"""
    old = at - KEEP_TEXT
    over = Q(study__ended_at__lte=old) | Q(study__ended_at=None, study__year__lt=local(old).year)
    rows = await StudyEvent.filter(over, note__isnull=False).values_list("id", flat=True)
    await StudyEvent.filter(id__in=list(rows)).update(note=None)


async def erase_words_of(person_id: int) -> None:
    """离任的团干部要求删除数据：题目与说的话都清空，个数留作合计。"""
    ids = list(await Study.filter(cadre__person_id=person_id).values_list("id", flat=True))
    await StudyEvent.filter(study_id__in=ids).update(note=None)
    await Study.filter(id__in=ids).update(title="")
