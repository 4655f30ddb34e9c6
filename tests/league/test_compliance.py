"""合规自检：每一条都真的查，坏了就看得见；不是凭记得打的勾。"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.league import compliance, compliance_checks, kinds, roster, scores, wordings
from bot.league.compliance import RULES
from bot.league.compliance_checks import Finding
from bot.league.errors import Refusal
from bot.league.kinds import Kind, Who, Why
from bot.settings import settings
from db.models import Audit, Consent, FiveOnes, Group, GroupDay, GroupKind, RoleKind, Scope, Side, Unit
from tests import factories

Check = Callable[[datetime], Awaitable[Finding]]


async def test_a_well_run_installation_has_nothing_to_look_at(
    database: str, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = await factories.school()
    await factories.admin(7, "督导", school, RoleKind.INSPECTOR)
    cadre = await factories.cadre(1, "李老师", school)
    await factories.youth(30, cadre, await factories.group(5, cadre))
    monkeypatch.setattr(settings(), "contact", "团委办公室")
    monkeypatch.setattr(settings(), "superusers", {"9"})
    results = await compliance.examine(roster.Speaker(Scope.QQ, "9", superuser=True), at=at)
    assert [(one.rule.says, one.finding.remedy) for one in results if not one.finding.fine] == []
    assert len(results) == len(RULES) == 12
    assert await Audit.filter(action="compliance.view").exists()


@pytest.mark.parametrize(
    ("check", "target", "name", "value"),
    [
        (compliance_checks.score_inputs_are_clean, compliance_checks, "SCORE_INPUTS", {"person": ("login_days",)}),
        (compliance_checks.score_inputs_are_clean, compliance_checks, "SCORE_INPUTS", {"poll": ("id",)}),
        (compliance_checks.no_traces_stored, compliance_checks, "_TRACES", {"sessions"}),
        (compliance_checks.nothing_is_sold, compliance_checks, "_SALES", {"quota"}),
        (compliance_checks.nobody_is_pushed, compliance_checks.budgets, "PERSON_A_WEEK", 2),
        (compliance_checks.wordings_are_watched, wordings, "find", lambda *_: None),
    ],
)
async def test_what_the_program_itself_would_break_is_seen(
    monkeypatch: pytest.MonkeyPatch, at: datetime, check: Check, target: object, name: str, value: Any
) -> None:
    monkeypatch.setattr(target, name, value)
    assert not (await check(at)).fine


async def test_a_reminder_for_youths_is_seen(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    wrong = Kind("reminder.digest", Why.REMINDER, Who.CADRE)
    object.__setattr__(wrong, "to", frozenset({Who.YOUTH}))
    monkeypatch.setitem(kinds.KINDS, "reminder.digest", wrong)
    assert "会催到青年：reminder.digest" in (await compliance_checks.nobody_is_pushed(at)).seen


async def work_group(at: datetime) -> None:
    await factories.group(6, await factories.cadre(1, "李老师", await factories.school()), GroupKind.WORK)


async def idle_group(at: datetime) -> None:
    group = await factories.group(5, await factories.cadre(1, "李老师", await factories.school()))
    await Group.filter(id=group.id).update(bound_at=at - timedelta(days=200))
    await GroupDay.create(group=group, day=(at - timedelta(days=91)).date(), speakers=3)


async def insisted(at: datetime) -> None:
    await Audit.create(at=at - timedelta(days=89), action="wording.insist", subject="g1", detail="必须：有文件")


async def bounced(at: datetime) -> None:
    for _ in range(3):
        await Audit.create(at=at, action="report.settle", subject="u2", detail="2026Q4 退回")


async def asking_more(at: datetime) -> None:
    await FiveOnes.create(
        unit=await factories.school(), side=Side.CADRE, quarter="2026Q4", names=["一", "二", "三", "四", "五"],
        issuer="某", document="某", monthly=4, set_at=at,
    )  # fmt: skip


async def tried_more(at: datetime) -> None:
    await Audit.create(at=at, action="five_ones.refuse", subject="u1", detail="")


async def no_consent(at: datetime) -> None:
    await factories.youth(30, await factories.cadre(1, "李老师", await factories.school()))
    await Consent.all().update(withdrawn_at=at)


async def nothing(at: datetime) -> None:
    assert not await Unit.exists()


@pytest.mark.parametrize(
    ("check", "arrange", "seen"),
    [
        (compliance_checks.ranking_stays_small, work_group, "有 1 个工作群，管理员在那里发 /排名 会列出个人"),
        (compliance_checks.groups_are_alive, idle_group, "有 1 个青年群 90 天没有声音"),
        (compliance_checks.wordings_are_watched, insisted, "近 90 天有 1 次坚持发了"),
        (compliance_checks.reports_are_not_bounced, bounced, "有 1 份季报退回了 3 次以上"),
        (compliance_checks.nobody_asks_more, asking_more, "有 1 条五个一比文件要得多"),
        (compliance_checks.nobody_asks_more, tried_more, "近 90 天有 1 次想加码，都没让"),
        (compliance_checks.consent_comes_first, no_consent, "有 1 段联系找不到本人的同意"),
        (compliance_checks.complaints_have_a_reader, nothing, "还没有督导，投诉只能转给超级管理员"),
    ],
)
async def test_what_people_did_is_seen_with_a_remedy(
    database: str, at: datetime, check: Check, arrange: Callable[[datetime], Awaitable[None]], seen: str
) -> None:
    await arrange(at)
    finding = await check(at)
    assert seen in finding.seen
    assert finding.remedy


async def test_an_open_door_and_an_unheard_cry_are_seen(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(settings(), "superusers", set[str]())
    monkeypatch.setattr(settings(), "duty", ())
    assert (await compliance_checks.doors_are_shut(at)).seen == "危机求助没有人接"
    monkeypatch.setattr(settings(), "host", "0.0.0.0")
    monkeypatch.setattr(settings(), "onebot_access_token", None)
    assert (await compliance_checks.doors_are_shut(at)).seen == "监听 0.0.0.0 却没有令牌"


async def test_only_the_top_may_look(database: str, at: datetime) -> None:
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    await factories.admin(8, "总支书记", await factories.branch("甲学院团总支", school))
    assert await compliance.examine(await roster.identify(Scope.QQ, "9"), at=at)
    with pytest.raises(Refusal, match="合规自检给最上一级单位的管理员和超级管理员看"):
        await compliance.examine(await roster.identify(Scope.QQ, "8"), at=at)


def test_every_rule_names_its_source_and_its_own_check() -> None:
    assert all(rule.sources and rule.does for rule in RULES)
    assert len({rule.check for rule in RULES}) == len(RULES)
    assert "login" not in str(scores.SCORE_INPUTS)
