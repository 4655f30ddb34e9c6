"""下基层：一天只记一次，算几项都行，每项里只数一遍；更正另存一版；要几天由上面定，下面不能多要。"""

import asyncio
import itertools
from datetime import date, datetime, timedelta

import pytest

from bot.league import erasures, spans, stay_counts, stay_orders, stay_quotas, stays
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.league.stay_orders import Order
from bot.league.stays import MOVES, Move
from db.models import Audit, CadreKind, EvidenceGrade, Scheme, Stay, StayDay, StayQuota, StayState, StayVersion
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, who

L0, L1, *_ = EvidenceGrade
EIGHT, FOUR, STATIONED = Scheme


@pytest.fixture
async def town(database: str) -> Town:
    return await wish_town.build()


def read(text: str, at: datetime) -> Order:
    return stay_orders.read(text, at=at)


async def keep(text: str, at: datetime, by: int = 100) -> Stay:
    return await stays.keep(await who(by), read(text, at), at=at)


async def refused(text: str, at: datetime) -> str:
    with pytest.raises(Refusal) as refusal:
        await keep(text, at)
    return refusal.value.sentence


# --- 读 ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2天 某县团委 8+4", Order("某县团委", None, 2, (EIGHT,))),
        ("某县团委 两天 蹲点 ８＋４", Order("某县团委", None, 2, (EIGHT, STATIONED))),
        ("8+4/蹲点 3 天 某县 团委", Order("某县 团委", None, 3, (EIGHT, STATIONED))),
        ("昨天 某镇 4+1 见了12人", Order("某镇", date(2026, 11, 17), None, (FOUR,), 12)),
        ("11-16~11-17 某镇 12名青年", Order("某镇", date(2026, 11, 16), 2, (), 12)),
        ("11月16日 到 18日 某镇", Order("某镇", date(2026, 11, 16), 3)),
        ("11-16起2天 某镇", Order("某镇", date(2026, 11, 16), 2)),
        ("10月30日—11月2日 某镇", Order("某镇", date(2026, 10, 30), 4)),
        ("周一至周三 某镇", Order("某镇", date(2026, 11, 16), 3)),
        ("2天 某镇 原因：路上没信号", Order("某镇", None, 2, (), None, "路上没信号")),
        ("1天 到村里 电话13812345678", Order("到村里 电话〔电话已隐去〕", None, 1)),
        ("", Order()),
    ],
)
def test_a_line_is_read_whatever_the_order(text: str, expected: Order, at: datetime) -> None:
    assert read(text, at) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("半天 某镇", "下基层按整天记，半天的先攒着，凑满一天再记；当天做的事可以用 /记。"),
        ("1.5天 某镇", "下基层按整天记，半天的先攒着，凑满一天再记；当天做的事可以用 /记。"),
        ("两天半 某镇", "下基层按整天记，半天的先攒着，凑满一天再记；当天做的事可以用 /记。"),
        ("2天 某镇 8+5", "没有“8+5”这一项，只有 8+4、4+1、蹲点。例如：/下基层 2天 某县团委 8+4"),
        ("11-17~11-16 某镇", "结束的日子在开始前面了，再看看？例如：/下基层 11-16~11-17 某县团委 8+4"),
        ("11-16~11-17 3天 某镇", "日子和天数对不上：写的日子一共 2 天，天数写的是 3 天。"),
        ("11月16日到31日 某镇", "没有“11月31日”这一天，再看看日期？"),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(text: str, sentence: str, at: datetime) -> None:
    with pytest.raises(Refusal) as refusal:
        read(text, at)
    assert refusal.value.sentence == sentence


# --- 记 ---


async def test_days_without_a_date_end_today(town: Town, at: datetime) -> None:
    stay = await keep("2天 某县团委 8+4", at)
    assert (stay.first_day, stay.days, stay.schemes, stay.grade) == (date(2026, 11, 17), 2, "8+4", L0)
    assert list(await StayDay.all().order_by("day").values_list("day", flat=True)) == [
        date(2026, 11, 17), date(2026, 11, 18),
    ]  # fmt: skip
    assert (await StayVersion.get()).version == 1


async def test_a_stay_with_time_place_and_people_is_l1(town: Town, at: datetime) -> None:
    assert (await keep("1天 某镇 见了12人", at)).grade is L1


async def test_what_is_missing_is_asked_for_and_nothing_is_kept(town: Town, at: datetime) -> None:
    assert await refused("某县团委 8+4", at) == "去了几天？例如：/下基层 2天 某县团委 8+4（也可以写日子：11-16~11-17）"
    assert await refused("2天", at) == "去了哪里？例如：/下基层 2天 某县团委 8+4"
    assert await refused(f"2天 {'很' * 31}", at) == "地点有点长（31 字），30 字以内就好。"
    assert await refused("0天 某镇", at) == "一次记 1 到 123 天（四个月），再长的分两次记。"
    assert await refused("124天 某镇 原因：补记", at) == "一次记 1 到 123 天（四个月），再长的分两次记。"
    assert await refused("1天 某镇 0人", at) == "见了多少人，写个实在的数，例如：见了12人"
    assert await refused("昨天 3天 某镇", at) == "还没到的日子先不记，去过了再记；已经过了几天的，先记过了的。"
    assert await refused("11-18~11-19 某镇", at) == "还没到的日子先不记，去过了再记；已经过了几天的，先记过了的。"
    with pytest.raises(Refusal, match="这条命令是给团干部用的"):
        await keep("2天 某镇", at, by=200)
    assert not await Stay.exists()
    assert not await StayDay.exists()


async def test_more_than_seven_days_late_needs_a_reason(town: Town, at: datetime) -> None:
    late = "这是 7 天以前的事了，补记请在后面写上原因，例如：原因：出差刚回来"
    assert await refused("11-9~11-10 某镇", at) == late
    await keep("11-1~11-11 某镇", at)  # 看最后一天，正好七天
    stay = await keep("10-9 某镇 原因：出差刚回来", at)
    assert (await StayVersion.get(stay_id=stay.id)).reason == "出差刚回来"


async def test_a_day_is_entered_once_whatever_the_scheme(town: Town, at: datetime) -> None:
    await keep("11-16~11-17 某县团委 8+4", at)
    assert await refused("2天 某镇 蹲点", at) == (
        "11月17日 已经记在 J1 里了（某县团委，8+4），一天只记一次。"
        "要改它，或让它也算别的项：/纠错 J1 漏写了 改为 8+4 蹲点"
    )
    assert await Stay.all().count() == 1
    await keep("2天 某镇", at, by=101)  # 别人的日子不相干
    await keep("1天 某镇", at)


async def test_the_same_day_from_two_accounts_at_once_is_kept_once(town: Town, at: datetime) -> None:
    results = await asyncio.gather(*(keep("1天 某镇", at) for _ in range(2)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Refusal", "Stay"]
    assert await Stay.all().count() == await StayDay.all().count() == 1


async def test_one_entry_counts_for_several_schemes_but_once_in_each(town: Town, at: datetime) -> None:
    await keep("11-16~11-17 某县团委 8+4 蹲点 12人", at)
    await keep("1天 某镇 蹲点", at)
    await keep("11-12 某镇", at)
    own = await stay_counts.own_year(town.zhang.id, 2026)
    assert own.days == {EIGHT: {L1: 2}, FOUR: {}, STATIONED: {L1: 2, L0: 1}}
    assert own.unsorted == {L0: 1}


async def test_days_count_in_the_year_they_were_spent(town: Town, at: datetime) -> None:
    later = at.replace(year=2027, month=1, day=2)
    await stays.keep(await who(100), read("12-30~1-2 某镇 4+1", later), at=later)
    assert (await stay_counts.own_year(town.zhang.id, 2026)).days[FOUR] == {L0: 2}
    assert (await stay_counts.own_year(town.zhang.id, 2027)).days[FOUR] == {L0: 2}


# --- 更正 ---


@pytest.mark.parametrize(("state", "move"), [*itertools.product(StayState, Move)])
def test_every_arrow_is_walked_and_every_other_refused(state: StayState, move: Move) -> None:
    stay = Stay(id=3, state=state)
    arrows = {(StayState.KEPT, Move.CORRECT): StayState.KEPT, (StayState.KEPT, Move.VOID): StayState.VOIDED}
    assert arrows == MOVES
    if (state, move) in arrows:
        assert stays.check(stay, move) is arrows[state, move]
        return
    with pytest.raises(Refusal, match="J3 已经作废了"):
        stays.check(stay, move)


async def test_a_correction_is_a_new_version_and_keeps_the_old(town: Town, at: datetime) -> None:
    await keep("2天 某县团委 8+4", at)
    zhang = await who(100)
    stay = await stays.correct(zhang, 1, "漏写了", read("8+4 蹲点 12人", at), at=at)
    assert (stay.version, stay.schemes, stay.people, stay.grade) == (2, "8+4 蹲点", 12, L1)
    stay = await stays.correct(zhang, 1, "记错日子了", read("11-10", at), at=at)
    assert (stay.first_day, stay.days) == (date(2026, 11, 10), 2)
    _, versions = await stays.history(zhang, 1)
    assert [(row.first_day.day, row.schemes, row.reason) for row in versions] == [
        (17, "8+4", None), (17, "8+4 蹲点", "漏写了"), (10, "8+4 蹲点", "记错日子了"),
    ]  # fmt: skip
    await keep("2天 某镇", at)  # 让出来的日子可以再记


async def test_a_correction_may_not_run_into_another_entry(town: Town, at: datetime) -> None:
    await keep("11-16 某县团委", at)
    await keep("11-17~11-18 某镇", at)
    with pytest.raises(Refusal, match="11月17日 已经记在 J2 里了（某镇，没写算哪项）"):
        await stays.correct(await who(100), 1, "少记了", read("2天", at), at=at)
    assert (await Stay.get(id=1)).version == 1
    assert await StayDay.filter(stay_id=1).count() == 1


async def test_a_void_stay_frees_its_days_and_is_over(town: Town, at: datetime) -> None:
    await keep("2天 某县团委 8+4", at)
    zhang = await who(100)
    stay = await stays.void(zhang, 1, "记重了", at=at)
    assert stay.state is StayState.VOIDED
    assert not await StayDay.exists()
    assert (await stay_counts.own_year(town.zhang.id, 2026)).days[EIGHT] == {}
    with pytest.raises(Refusal, match="J1 已经作废了，不再算数"):
        await stays.correct(zhang, 1, "还是算", read("3天", at), at=at)


async def test_corrections_need_a_reason_a_change_and_ones_own_entry(town: Town, at: datetime) -> None:
    await keep("2天 某县团委 8+4", at)
    zhang, li = await who(100), await who(101)
    for by, stay_id, reason, text, sentence in (
        (zhang, 1, "", "3天", "写一句为什么（60 字以内），例如：/纠错 J1 记错了 改为 3天"),
        (zhang, 1, "没事", "2天", "和现在记的一样，没有改动。例如：/纠错 J1 记错了 改为 3天"),
        (li, 1, "试试", "3天", "没找到 J1，发 /下基层 看看自己的编号。"),
        (zhang, 9, "试试", "3天", "没找到 J9，发 /下基层 看看自己的编号。"),
    ):
        with pytest.raises(Refusal) as refusal:
            await stays.correct(by, stay_id, reason, read(text, at), at=at)
        assert refusal.value.sentence == sentence


# --- 要几天 ---


async def admin(user_id: int) -> Speaker:
    return await who(user_id)


async def settle(by: Speaker, text: str, at: datetime) -> StayQuota:
    return await stay_quotas.settle(by, stay_quotas.read(text.split(), at=at), at=at)


async def test_the_top_unit_sets_the_days_and_lower_units_may_only_ask_for_less(town: Town, at: datetime) -> None:
    await factories.admin(900, "总管理", town.school)
    top, software = await who(900), await who(110)
    with pytest.raises(Refusal) as refusal:
        await settle(software, "8+4 10天", at)
    assert refusal.value.sentence == (
        "不能层层加码（校青字〔2017〕10号 七.4）：8+4 上面没有要过天数，下面不能要得更多。"
    )
    await settle(top, "8+4 120天 校团发〔2026〕3号", at)
    with pytest.raises(Refusal) as refusal:
        await settle(software, "8+4 121天", at)
    assert "8+4 上面要的是 120 天（示例大学团委，校团发〔2026〕3号），下面不能要得更多。" in refusal.value.sentence
    assert await Audit.filter(action="stay.refuse").count() == 2
    await settle(software, "8+4 120天", at)
    await settle(software, "8+4 60天", at)
    path = town.software.path or ""
    assert (await stay_quotas.quotas_for(2026, path))[EIGHT].days == 60
    assert (await stay_quotas.quotas_for(2026, town.law.path or ""))[EIGHT].days == 120
    await settle(top, "8+4 30天", at)  # 上面后来少要了，下面跟着少
    assert (await stay_quotas.quotas_for(2026, path))[EIGHT].issuer == "示例大学团委"
    await settle(top, "8+4 0天", at)
    assert await stay_quotas.quotas_for(2026, path) == {}
    assert await stay_quotas.quotas_for(2025, path) == {}


async def test_only_an_admin_sets_the_days(town: Town, at: datetime) -> None:
    with pytest.raises(Refusal, match="要几天由单位管理员来定"):
        await settle(await who(100), "8+4 10天", at)
    for text in ("8+4", "10天", "8+4 10天 甲 乙"):
        with pytest.raises(Refusal, match="写上哪一项、全年几天"):
            await settle(await who(110), text, at)
    with pytest.raises(Refusal, match="一年没有 400 天"):
        await settle(await who(110), "蹲点 400天", at)


# --- 合计 ---


async def test_units_are_counted_from_one_query_with_people_and_days_apart(town: Town, at: datetime) -> None:
    await keep("11-16~11-17 某县团委 8+4 蹲点 12人", at)
    await keep("1天 某镇 8+4", at)
    await keep("3天 某镇 8+4", at, by=101)
    await keep("1天 某镇", at, by=102)
    span = spans.Span.of(town.school)
    shares = await stay_counts.shares(span, *stay_counts.year_range(2026))
    units = stay_counts.per_unit(span, shares)
    assert units[town.software.path or ""][EIGHT] == stay_counts.Tally(2, {L1: 2, L0: 4})
    assert units[town.software.path or ""][STATIONED] == stay_counts.Tally(1, {L1: 2})
    assert units[town.law.path or ""] == {None: stay_counts.Tally(1, {L0: 1})}
    assert await stay_counts.shares(span, date(2026, 1, 1), date(2026, 11, 16)) == []


# --- 留多久 ---


async def test_reasons_go_after_ninety_days_and_the_place_when_he_asks(town: Town, at: datetime) -> None:
    await keep("10-9 某镇 原因：出差刚回来", at)
    await stays.forget(at + timedelta(days=90) - timedelta(seconds=1))
    assert (await StayVersion.get()).reason == "出差刚回来"
    await stays.forget(at + timedelta(days=90))
    assert (await StayVersion.get()).reason is None
    await erasures.erase(town.zhang.person_id, at=at)
    assert ((await StayVersion.get()).place, (await Stay.get()).place) == ("", "")
    assert (await stay_counts.own_year(town.zhang.id, 2026)).unsorted == {L0: 1}


async def test_a_cadre_of_any_kind_may_enter_his_days(town: Town, at: datetime) -> None:
    await factories.cadre(150, "陈兼职", town.law, CadreKind.PART_TIME)
    assert (await keep("1天 某镇", at, by=150)).unit_id == town.law.id
