"""话题与投票怎么说给人听。人与条分开；不到 5 人不列数。"""

from collections.abc import Sequence

from bot.cards import Card, Json, cut
from bot.league import polls, topics
from bot.league.periods import moment
from bot.league.polls import Count
from bot.league.quantities import SHOWN_FROM
from bot.league.topics import Turnout
from db.models import Poll, PollState, Topic, TopicState


def topic_started(topic: Topic) -> str:
    """开好之后。"""
    return (
        f"话题：{topic.title}\n"
        f"想到什么就直接说。我只数有几位说了实在的话，一个字也不存。"
        f"{moment(topic.ends_at)} 收，团干部发 /话题 结束 可以提前收。"
    )


def no_topic() -> str:
    """群里还没开过。"""
    return f"群里还没开过话题，团干部可以开一个：{topics.EXAMPLE}"


def topic(turnout: Turnout, counts: Sequence[Count]) -> Card:
    """聊得怎样；结束了的就是结果，连同里面的投票。"""
    running = turnout.topic.state is TopicState.OPEN
    if turnout.youths < SHOWN_FROM:
        facts = [("说了实在话的青年", f"不到 {SHOWN_FROM} 人，不列数")]
    else:
        facts = [("说了实在话的青年", f"{turnout.youths} 人"), ("他们的实在话", f"{turnout.youth_messages} 条")]
        if turnout.other_messages:
            facts.append(("团干部和没加入的人", f"{turnout.other_messages} 条"))
    for count in counts:
        facts += [(f"投票 {count.poll.title}", _turnout(count)), *_votes(count)]
    about = f"{moment(turnout.topic.ends_at)} 收" if running else "结束了，谢谢大家"
    return _card(f"话题：{turnout.topic.title}", about, facts, "应一声、刷屏、复读的不算；谁说了什么都没存。")


def poll_started(count: Count) -> str:
    """开好之后。"""
    poll = count.poll
    options = [f"{option.place} {option.text}" for option in count.options]
    return "\n".join(
        [
            f"投票 {poll.number}：{poll.title}",
            *options,
            f"发 /投 2 这样就行；不想让群里看见，私聊我发 /投 {poll.number} 2。",
            f"不记谁投了哪项，所以投了不能改；满 {polls.SHOWN_FROM} 票才公布。{moment(poll.ends_at)} 收。",
        ]
    )


def no_poll() -> str:
    """群里还没投过。"""
    return f"群里还没有过投票，团干部可以开一个：{polls.EXAMPLE}"


def poll(count: Count) -> Card:
    """投得怎样；没结束时只列选项。"""
    poll = count.poll
    running = poll.state is PollState.OPEN
    about = f"{moment(poll.ends_at)} 收" if running else "结束了"
    foot = f"发 /投 2 这样投；结果等结束了、满 {polls.SHOWN_FROM} 票再公布。" if running else "不记谁投了哪项。"
    facts = [(f"{option.place} {option.text}", "") for option in count.options] if running else _votes(count)
    return _card(f"投票 {poll.number}：{poll.title}", f"{about} · {_turnout(count)}", facts, foot)


def voted(poll: Poll) -> str:
    """投好之后；不重复他投了什么。"""
    return f"投好了。不记谁投了哪项，所以也不能改；{moment(poll.ends_at)} 之后看结果。"


def _turnout(count: Count) -> str:
    return f"{count.votes} 票" if count.votes >= polls.SHOWN_FROM else f"不到 {polls.SHOWN_FROM} 票，不公布"


def _votes(count: Count) -> list[tuple[str, str]]:
    if not count.shown:
        return []
    return [(f"{option.place} {option.text}", f"{option.votes} 票") for option in count.options]


def _card(title: str, about: str, facts: Sequence[tuple[str, str]], foot: str) -> Card:
    rows: list[Json] = [{"name": cut(name, 40), "tags": [], "right": right, "warn": False} for name, right in facts]
    data: dict[str, Json] = {"title": cut(title, 48), "subtitle": about, "foot": foot, "more": "", "rows": rows}
    lines = [f"{name}：{right}" if right else name for name, right in facts]
    return Card("list", data, "\n".join([f"{title}（{about}）", *lines, foot]))
