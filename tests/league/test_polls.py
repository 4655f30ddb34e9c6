"""投票：一人一票，谁投过与投了什么分开放，满五票才公布。"""

import asyncio
import itertools
from datetime import timedelta

import pytest
from tortoise.connection import get_connection

from bot.league import accounts, polls, roster, topics
from bot.league.errors import Refusal
from bot.league.polls import STEPS, PollAction
from bot.league.roster import Speaker
from db.models import Account, Ballot, Cadre, Group, Person, Poll, PollOption, PollState, Scope
from tests import factories
from tests.factories import AT

ASKED = "周末去哪 爬山/看展/桌游"


@pytest.fixture
async def group(database: str) -> Group:
    """李书记（1）的群 700，青年 2…9 已加入。"""
    cadre = await factories.cadre("1", "李书记", await factories.school())
    group = await factories.group("700", cadre)
    for user in range(2, 10):
        await factories.youth(user, cadre, group)
    return group


async def who(user: int | str) -> Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def start(group: Group, text: str = ASKED) -> Poll:
    return (await polls.start(await who(1), group, text, at=AT)).poll


async def vote(user: int | str, choice: str, group: Group | None, **more: int) -> Poll:
    return await polls.vote(await who(user), choice, at=AT, group=group, **more)


async def votes() -> list[int]:
    return [option.votes for option in await PollOption.all().order_by("place")]


def test_every_arrow_of_the_table_and_no_other() -> None:
    arrows = {("投着", "投"): "投着", ("投着", "收"): "已结束"}
    assert {(state.value, action.value): end.value for (state, action), end in STEPS.items()} == arrows


@pytest.mark.parametrize(("state", "action"), [*itertools.product(PollState, PollAction)])
def test_each_step_is_taken_or_refused_as_the_table_says(state: PollState, action: PollAction) -> None:
    poll = Poll(id=3, state=state)
    if onward := STEPS.get((state, action)):
        assert polls._step(poll, action) is onward
    else:
        with pytest.raises(Refusal, match=rf"^P3 已结束了，不能再{action}。$"):
            polls._step(poll, action)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (ASKED, ("周末去哪", ["爬山", "看展", "桌游"])),
        ("周末 去哪 爬山／看展", ("周末 去哪", ["爬山", "看展"])),
        ("周末去哪 爬山 / 看展　｜ 桌游", ("周末去哪", ["爬山", "看展", "桌游"])),
        ("周末去哪\n周六 爬山\n周日 看展", ("周末去哪", ["周六 爬山", "周日 看展"])),
    ],
)
def test_a_poll_is_read_as_a_question_and_its_choices(text: str, read: tuple[str, list[str]]) -> None:
    assert polls.read(text) == read


@pytest.mark.parametrize(
    "text", ["周末去哪", "周末去哪 爬山", "爬山/看展", "去哪 爬山/爬山", "去哪 a/A", "去哪 1/2/3/4/5/6/7/8/9/10"]
)
def test_what_is_no_poll_gets_an_example(text: str) -> None:
    with pytest.raises(Refusal, match=r"^投票写成 题目 甲/乙/丙，2 到 9 个不一样的选项用 / 隔开，例如：/投票 周末去哪"):
        polls.read(text)


@pytest.mark.parametrize("listed", ["2/3/4", "3/2/1", "２/三/四"])
def test_a_number_that_could_be_another_choices_place_is_refused(listed: str) -> None:
    with pytest.raises(Refusal, match=r"^选项是数字的，写上单位，例如 2人/3人/4人，免得和第几项分不清。$"):
        polls.read(f"几人一组 {listed}")
    assert polls.read("打几分 1/2/3")[1] == ["1", "2", "3"]
    assert polls.read("几点出发 8/9/10")[1] == ["8", "9", "10"]


def test_a_choice_too_long_for_a_line_is_refused() -> None:
    with pytest.raises(Refusal, match=r"每个选项 30 个字以内"):
        polls.read(f"去哪 甲/{'乙' * 31}")


async def test_no_row_ties_a_person_to_a_choice(group: Group) -> None:
    await start(group)
    for user in range(2, 8):
        await vote(user, str(user % 3 + 1), group)
    assert await votes() == [2, 2, 2]
    ballots = await Ballot.all().values()
    assert len(ballots) == 6
    assert all(set(row) == {"voter", "poll_id"} for row in ballots)
    people = [str(person.id) for person in await Person.all()]
    assert not {row["voter"] for row in ballots} & {*people, *map(str, range(2, 8))}
    for model in (Poll, PollOption):
        _, rows = await get_connection("default").execute_query(f'SELECT * FROM "{model._meta.db_table}"')
        assert all("person" not in dict(row) and "voter" not in dict(row) for row in rows)


async def test_one_vote_each_and_no_change_of_mind(group: Group) -> None:
    await start(group)
    await vote(2, "2", group)
    with pytest.raises(Refusal, match=r"^你投过了。不留谁投了哪项，所以也改不了。$"):
        await vote(2, "3", group)
    assert await votes() == [0, 1, 0]


async def test_joining_later_or_binding_another_account_gives_no_second_vote(group: Group) -> None:
    await start(group)
    await vote(77, "1", group)
    await factories.youth(77, await Cadre.get(), group)
    with pytest.raises(Refusal, match=r"你投过了"):
        await vote(77, "1", group)
    await vote(2, "1", group)
    second = await factories.person(88)
    target = (await Account.get(user_id="2")).person_id
    await accounts.merge(second.id, target, at=AT)
    roster.touch()
    with pytest.raises(Refusal, match=r"你投过了"):
        await vote(88, "1", group)
    assert await votes() == [2, 0, 0]


async def test_accounts_bound_while_the_poll_is_open_share_one_vote(group: Group) -> None:
    await start(group)
    await vote(77, "1", group)  # 没加入的账号先投了，再认回到早就加入的那个人名下
    target = (await Account.get(user_id="2")).person_id
    code = await accounts.issue_code(await who(2), at=AT)
    await accounts.redeem(code, by=await who(77), at=AT)
    with pytest.raises(Refusal, match=r"你投过了"):
        await vote(2, "1", group)
    await vote(3, "2", group)  # 早加入的先投，再认到后加入的那个人名下
    await accounts.merge((await Account.get(user_id="3")).person_id, (await Account.get(user_id="4")).person_id, at=AT)
    await accounts.merge((await Account.get(user_id="5")).person_id, target, at=AT)
    roster.touch()
    for user in (3, 4, 5, 77):
        with pytest.raises(Refusal, match=r"你投过了"):
            await vote(user, "1", group)
    assert await votes() == [1, 1, 0]


async def test_a_vote_from_each_account_at_once_counts_once(group: Group) -> None:
    await start(group)
    await accounts.merge((await Account.get(user_id="3")).person_id, (await Account.get(user_id="2")).person_id, at=AT)
    roster.touch()
    results = await asyncio.gather(*(vote(user, "1", group) for user in (2, 3) * 4), return_exceptions=True)
    assert sum(isinstance(result, Poll) for result in results) == 1
    assert await votes() == [1, 0, 0]
    with pytest.raises(Refusal, match=r"你投过了"):
        await vote(3, "2", group)


async def test_the_same_vote_ten_times_at_once_counts_once(group: Group) -> None:
    await start(group)
    results = await asyncio.gather(*(vote(2, "1", group) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, Poll) for result in results) == 1
    assert await votes() == [1, 0, 0]


async def test_a_wrong_choice_costs_nothing(group: Group) -> None:
    await start(group)
    for choice in ("4", "0", "", "游泳"):
        with pytest.raises(Refusal, match=r"^投第几项？写 1 到 3 的数字，例如：/投 2$"):
            await vote(2, choice, group)
    await vote(2, "桌游", group)
    await vote(3, "３", group)
    assert await votes() == [0, 0, 2]


async def test_results_only_after_the_end_and_from_five_votes(group: Group) -> None:
    poll = await start(group)
    for user in range(2, 6):
        await vote(user, "1", group)
    assert not (await polls.count(await Poll.get())).shown
    await vote(6, "2", group)
    assert not (await polls.count(await Poll.get())).shown, "没结束不给：前后一比就知道刚才那一票"
    count = await polls.close(await who(1), group, at=AT)
    assert (count.shown, count.votes) == (True, 5)
    few = await start(group, "几点开始 早/晚")
    assert few.id != poll.id
    for user in range(2, 6):
        await vote(user, "1", group)
    assert not (await polls.close(await who(1), group, at=AT)).shown


async def test_ending_forgets_who_voted(group: Group) -> None:
    await start(group)
    await vote(2, "1", group)
    await polls.close(await who(1), group, at=AT)
    assert not await Ballot.exists()
    with pytest.raises(Refusal, match=r"^现在没有开着的投票。$"):
        await vote(3, "1", group)
    with pytest.raises(Refusal, match=r"群里现在没有投票，想开一个就发"):
        await polls.close(await who(1), group, at=AT)


async def test_a_poll_belongs_to_the_topic_it_was_opened_in_and_ends_with_it(group: Group) -> None:
    topic = await topics.start(await who(1), group, "周末怎么过", at=AT)
    await start(group)
    [count] = await polls.close_in(topic)
    assert count.poll.state is PollState.CLOSED
    assert await polls.expire(await Poll.get()) is None


async def test_a_poll_opened_late_in_a_topic_says_when_it_really_ends(group: Group) -> None:
    topic = await topics.start(await who(1), group, "周末怎么过", at=AT)
    late = (await polls.start(await who(1), group, ASKED, at=topic.ends_at - timedelta(hours=3))).poll
    assert (late.topic_id, late.ends_at) == (topic.id, topic.ends_at)
    await polls.close_in(topic)
    alone = (await polls.start(await who(1), group, ASKED, at=topic.ends_at)).poll
    assert (alone.topic_id, alone.ends_at) == (None, topic.ends_at + polls.LASTS), "话题到点了，只是还没收"


async def test_in_private_one_votes_in_ones_own_groups_only(group: Group) -> None:
    first = await start(group)
    await vote(2, "1", None)
    with pytest.raises(Refusal, match=r"^没找到你能投的。在群里投，或先在群里 /加入，再私聊我投。$"):
        await vote(77, "1", None, poll_id=first.id)
    other = await factories.group("701", await Cadre.get())
    second = await start(other, "几点开始 早/晚")
    with pytest.raises(Refusal, match=r"^有几个投票开着：P1 周末去哪、P2 几点开始。写上编号，例如：/投 P1 2$"):
        await vote(3, "2", None)
    await vote(3, "2", None, poll_id=second.id)
    assert [row.votes for row in await PollOption.filter(poll_id=second.id).order_by("place")] == [0, 1]


async def test_cadres_do_not_vote_and_late_votes_do_not_count(group: Group) -> None:
    await start(group)
    with pytest.raises(Refusal, match=r"^投票是听青年的，团干部等着看结果就好。$"):
        await vote(1, "1", group)
    with pytest.raises(Refusal, match=r"^P1 到点了，不再收票。$"):
        await polls.vote(await who(2), "1", at=AT + timedelta(hours=24, seconds=1), group=group)
    assert await polls.run_out(AT + timedelta(hours=23)) == []
    assert len(await polls.run_out(AT + timedelta(hours=24))) == 1


async def test_one_at_a_time(group: Group) -> None:
    await start(group)
    with pytest.raises(Refusal, match=r"^群里正投着“周末去哪”（P1），先发 /投票 结束，再开新的。$"):
        await start(group, "几点开始 早/晚")
