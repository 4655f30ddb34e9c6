"""有没有响应器在等：等某个人的下一句话，或听某一类事件。没有就不必进 NoneBot。"""

from datetime import datetime

from nonebot.matcher import Matcher, matchers
from nonebot.permission import User


def awaited(session: str) -> bool:
    """有没有响应器在等这个会话的下一句话（`got`、`reject`、waiter 都用优先级 0）；说不清在等谁的，都算等。"""
    return any(_waits_for(matcher, session) for matcher in matchers.get(0, []))


def listens(post_type: str) -> bool:
    """有没有响应器听这一类事件；没有就不必进 NoneBot。"""
    return any(matcher.type in ("", post_type) for group in matchers.values() for matcher in group)


def _waits_for(matcher: type[Matcher], session: str) -> bool:
    if matcher.type not in ("", "message") or (matcher.expire_time and datetime.now() > matcher.expire_time):
        return False
    people = [checker.call for checker in matcher.permission.checkers]
    users = [person.users for person in people if isinstance(person, User)]
    return session in users[0] if users else True
