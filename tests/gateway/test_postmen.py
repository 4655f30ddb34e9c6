"""送信的进程抢着送、送到一半被杀、睡过了头：每一句至多说一次，说不清的留下记号。F20、F24、F26、F28。"""

import os
import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.gateway.attempts import NEUTRAL
from bot.gateway.pace import PER_ACCOUNT
from bot.league import notices
from bot.league.notices import INTERRUPTED, LEASE
from db.models import Cadre, Group, GroupKind, Notice, Scope, Wish, WishLane, WishState
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.postmen import GONE, MUTED_ONCE, SILENT, STEPS, Errand, is_stopped, lines, on_the_way, sent_out
from tests.process import until

pytestmark = pytest.mark.slow


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


async def post(groups: list[Group], *, period: str = "1", at: datetime = AT) -> None:
    rows = [
        notices.draft(ANY_KIND, period=period, text=f"{group.group_id}/{period}", at=at, group_id=group.id)
        for group in groups
    ]
    await notices.post_all(rows)


async def rows() -> list[tuple[str, str | None]]:
    return await Notice.all().order_by("id").values_list("state", "reason")


async def test_killed_at_each_step_it_is_sent_or_unknown_and_never_said_twice(
    cadre: Cadre, database: str, tmp_path: Path
) -> None:
    """F24：领取、说出口、有回音、记账，每一步之后都 kill -9 一次。"""
    group = await factories.group(500, cadre)
    log = tmp_path / "said"
    for number, step in enumerate(STEPS):
        await post([group], period=step)
        with sent_out(Errand(database, log, AT + number * 2 * LEASE, dies=step)) as [postman]:
            assert postman.exitcode == -9
    await post([group], period="完")
    with sent_out(Errand(database, log, AT + 10 * LEASE)) as [postman]:
        assert postman.exitcode == 0
    assert await rows() == [("unknown", INTERRUPTED)] * 3 + [("sent", None)] * 2
    assert [line.text for line in lines(log)] == [f"500/{step}" for step in (*STEPS[1:], "完")]
    assert (await notices.troubles(at=AT + timedelta(days=1)))["unknown"] == 3, "说不清的列给管事的人看"


async def test_a_process_that_wakes_after_its_lease_changes_nothing(
    cadre: Cadre, database: str, tmp_path: Path
) -> None:
    """F28：说出口就冻住，领取过了期；醒来再记账已经不作数，也不会再说一遍。"""
    await post([await factories.group(500, cadre)])
    log = tmp_path / "said"
    with on_the_way(Errand(database, log, AT, dies="spoken", freezes=True)) as [postman]:
        await until(lambda: is_stopped(postman), seconds=30)
        await notices.sweep(AT + LEASE)
        os.kill(postman.pid or 0, signal.SIGCONT)
        postman.join(30)
        assert postman.exitcode == 0
    assert [line.arrived for line in lines(log)] == [True]
    assert await rows() == [("unknown", INTERRUPTED)]


async def test_two_processes_looking_200_times_say_everything_once(cadre: Cadre, database: str, tmp_path: Path) -> None:
    """F20：同一个库、同一批时刻，各看二百回（十八天）；提醒与群里的话都恰好一次。"""
    apart = timedelta(hours=2, minutes=13)
    groups = [await factories.group(500 + number, cadre) for number in range(5)]
    for number in range(5):
        other = await factories.cadre(100 + number, f"干部{number}", await cadre.unit)
        youth = await factories.youth(200 + number, other, await factories.group(600 + number, other))
        wish = {"lane": WishLane.WALL, "state": WishState.OPEN, "digest": "", "submitted_at": AT}
        await Wish.create(text="想学修自行车", author=youth, cadre=other, unit_id=other.unit_id, **wish)
    for number in range(20):
        await post(groups, period=str(number), at=AT + number * apart)
    log = tmp_path / "said"
    errand = Errand(database, log, AT, looks=200, apart=apart)
    with sent_out(errand, errand) as postmen:
        assert [postman.exitcode for postman in postmen] == [0, 0]
    said = lines(log)
    assert len({line.pid for line in said}) == 2, "两个进程都送了一些"
    texts = [line.text for line in said if line.text.startswith("50")]
    assert len(texts) == len(set(texts)) == 100
    reminded = Counter(await Notice.filter(kind__startswith="reminder.").values_list("recipient", flat=True))
    called = Counter(line.group for line in said if line.text == f" {NEUTRAL}")
    assert len(reminded) == len(called) == 6, "心愿等着回应，六位团干部每周都听到一次"
    assert max(called.values()) <= min(reminded.values()), "一次提醒至多叫一声"
    assert not await Notice.filter(state__in=["due", "claimed", "unknown"]).exists()


async def test_2000_groups_in_their_buckets_through_a_kill_and_a_third_failing(
    cadre: Cadre, database: str, tmp_path: Path
) -> None:
    """F26：说到三分之一被杀，另一个进程马上接着送；每个群至多一次，送不到的各有原因，谁也不会被一试再试。"""
    count = 2000
    bound = {"scope": Scope.QQ, "self_id": SELF_ID, "kind": GroupKind.YOUTH, "unit_id": cadre.unit_id, "bound_at": AT}
    await Group.bulk_create([Group(group_id=str(10_000 + n), cadre=cadre, **bound) for n in range(count)])
    await post(await Group.all().order_by("id"))
    log = tmp_path / "said"
    with sent_out(Errand(database, log, AT, dies="answered", after=count // 3, faulty=True)) as [first]:
        assert first.exitcode == -9
    resumed = datetime.fromtimestamp(lines(log)[-1].moment, AT.tzinfo)
    with sent_out(Errand(database, log, resumed, faulty=True)) as [second]:
        assert second.exitcode == 0

    said = lines(log)
    tries = Counter(line.group for line in said)
    assert max(Counter(line.group for line in said if line.arrived).values()) == 1
    assert {tries[group] for group in tries if not str(group).endswith((MUTED_ONCE, GONE))} == {1}
    assert {tries[group] for group in tries if str(group).endswith(MUTED_ONCE)} == {2}
    assert max(tries.values()) <= 6, "不在群里的，三个小时里试得越来越稀"
    for pid in {line.pid for line in said}:
        _keeps_to_its_bucket([line.moment for line in said if line.pid == pid])
    # 断的那一刻前后合起来也不超：平台拒收的不算说过
    _keeps_to_its_bucket([line.moment for line in said if line.arrived or str(line.group).endswith(SILENT)])
    moments = [line.moment for line in said]
    assert moments[-1] - moments[0] < 1.5 * count / PER_ACCOUNT * 60 + 3 * 3600

    await notices.sweep(AT + notices.WINDOW)
    tenth, rare = count // 10, count // 100
    found = Counter(await rows())
    assert found.pop(("unknown", INTERRUPTED)) == 1, "被杀的那一刻说的那一句"
    assert sum(found.values()) == count - 1
    assert found["expired", "机器人不在群里"] == rare
    assert found["failed", "平台拒收（100）"] >= tenth - 1
    assert found["unknown", "连接断了或超时"] >= tenth - 1
    assert found["sent", None] >= count - 2 * tenth - rare - 1
    troubles = await notices.troubles(at=AT + timedelta(days=1))
    assert troubles["failed"] + troubles["unknown"] in (2 * tenth, 2 * tenth + 1), "送不到的都列给管事的人看"


def _keeps_to_its_bucket(moments: list[float]) -> None:
    """任何一分钟里不超过一个账号的名额。"""
    assert all(later - earlier >= 60 for earlier, later in zip(moments, moments[PER_ACCOUNT:], strict=False))
