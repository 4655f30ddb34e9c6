"""没送成的通知：为什么留着说得清；重送与作废只动点了名、动得了的。"""

from datetime import timedelta

import pytest

from bot.league import notices, undelivered
from bot.league.errors import Refusal
from bot.league.kinds import KINDS, Kind, Who, Why
from bot.league.notices import BotAccount
from db.models import Absence, AbsenceKind, Audit, Cadre, Group, Notice, NoticeState, Person, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID

HERE: BotAccount = (Scope.QQ, SELF_ID)
QUESTION = "test.question"


@pytest.fixture(autouse=True)
def question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, QUESTION, Kind(QUESTION, Why.QUESTION, Who.YOUTH))


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


@pytest.fixture
async def group(cadre: Cadre) -> Group:
    return await factories.group(500, cadre)


@pytest.fixture
async def youth(cadre: Cadre, group: Group) -> Person:
    return await factories.youth(11, cadre, group)


async def post(person: Person, period: str = "1", kind: str = ANY_KIND, **extra: object) -> int:
    await notices.post(kind, **({"period": period, "text": "话", "at": AT, "person_id": person.id} | extra))  # type: ignore[arg-type]
    return (await Notice.get(kind=kind, period=period, person_id=person.id)).id


async def claim() -> Notice:
    row = await notices.claim(HERE, among=[HERE], worker="a", at=AT)
    assert row
    return row


async def ended(person: Person, state: NoticeState, period: str = "1") -> int:
    number = await post(person, period)
    await notices.settle(await claim(), state, at=AT, reason="平台拒收（100）")
    return number


async def whys(*states: NoticeState) -> dict[str, str]:
    return {row.kind: row.why for row in await undelivered.listed(states, at=AT)}


async def test_why_each_is_held_can_be_told(cadre: Cadre, youth: Person) -> None:
    muted = await factories.youth(12, cadre)
    await Absence.create(person=muted, kind=AbsenceKind.MUTE, since=AT, until=AT + timedelta(days=3))
    await post(youth, kind=QUESTION)
    await notices.settle(await claim(), NoticeState.SENT, at=AT)
    await post(youth, "2", kind=QUESTION)
    await post(muted, kind="record.ask")
    await post(muted, kind="wish.claimed")
    await post(youth, kind="wish.done", at=AT.replace(hour=23))
    assert await whys(NoticeState.DUE) == {
        QUESTION: "一周的名额用完了，等着",
        "record.ask": "请假或静音，先收着",
        "wish.claimed": "到点了，等机器人账号来送",
        "wish.done": "还没到点",
    }
    await Notice.filter(kind="wish.claimed").update(state=NoticeState.RIDING)
    assert (await whys(NoticeState.RIDING)) == {"wish.claimed": "等本人来取"}


async def test_a_list_is_picked_by_state_and_kind_newest_first(youth: Person) -> None:
    first = await ended(youth, NoticeState.FAILED)
    second = await ended(youth, NoticeState.FAILED, "2")
    await post(youth, kind="wish.done")
    listed = await undelivered.listed([NoticeState.FAILED], at=AT)
    assert [(row.id, row.why, row.attempts) for row in listed] == [
        (second, "平台拒收（100）", 1),
        (first, "平台拒收（100）", 1),
    ]
    assert await undelivered.listed([NoticeState.FAILED], at=AT, kind="wish.") == []
    assert await undelivered.tally(at=AT) == {NoticeState.FAILED: 2, NoticeState.DUE: 1}
    assert await undelivered.troubled_since(AT - timedelta(hours=1)) == 2
    assert await undelivered.troubled_since(AT) == 0


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.UNKNOWN])
async def test_retrying_sends_it_once_more_and_leaves_a_trace(youth: Person, state: NoticeState) -> None:
    number = await ended(youth, state)
    later = AT + timedelta(days=5)
    assert await undelivered.retry([number], at=later, actor_id=7) == 1
    row = await Notice.get(id=number)
    assert (row.state, row.reason, row.spent_at, row.claimed_until, row.tried_by) == (
        NoticeState.DUE, "人工放回来，再送一次", None, None, None,
    )  # fmt: skip
    assert row.expires_at == later + timedelta(days=1)
    again = await notices.claim(HERE, among=[HERE], worker="a", at=later)
    assert again
    assert again.id == number
    assert await Audit.all().values_list("action", "subject", "actor_id", "detail") == [
        ("notice.retry", f"n{number}", 7, ANY_KIND)
    ]


async def test_dropping_ends_it(youth: Person) -> None:
    number = await post(youth)
    assert await undelivered.drop([number], at=AT) == 1
    assert await Notice.get(id=number).values_list("state", "reason") == ("expired", "人工作废")
    assert await notices.claim(HERE, among=[HERE], worker="a", at=AT) is None


async def test_nothing_moves_when_one_of_them_cannot(youth: Person) -> None:
    failed, sent = await ended(youth, NoticeState.FAILED), await ended(youth, NoticeState.SENT, "2")
    for act, ids, sentence in (
        (undelivered.retry, [], "要写上通知的编号，用 tuanbot notices 或 /状态 看是哪些。"),
        (undelivered.retry, [failed, 999], "没有编号是 999 的通知。"),
        (undelivered.retry, [failed, sent], f"只有送不到、说不清、已作废的能重送：{sent}（送到了）。都没有动。"),
        (undelivered.drop, [failed, sent], f"已经送到、正在送、已作废的不能作废：{sent}（送到了）。都没有动。"),
        (undelivered.retry, range(1, 102), "一次至多 100 条，分几次来。"),
    ):
        with pytest.raises(Refusal) as refused:
            await act(list(ids), at=AT)
        assert refused.value.sentence == sentence
    await Notice.filter(id=failed).update(text=None)
    with pytest.raises(Refusal, match="文字满 30 天清空了"):
        await undelivered.retry([failed], at=AT)
    assert await Notice.all().order_by("id").values_list("state", flat=True) == ["failed", "sent"]
    assert not await Audit.exists()
