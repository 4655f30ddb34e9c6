"""一份推荐怎么走：被推荐的本人点头或婉拒，反悔也行。表里没有的都不行。"""

from enum import StrEnum

from db.models import NominationState

WAITING, AGREED, DECLINED = NominationState


class Reply(StrEnum):
    """被推荐的本人的话。"""

    AGREE = "同意"
    DECLINE = "婉拒"


#: 说过同样的话再说一遍不算一步
STEPS: dict[tuple[NominationState, Reply], NominationState] = {
    (WAITING, Reply.AGREE): AGREED,
    (WAITING, Reply.DECLINE): DECLINED,
    (AGREED, Reply.DECLINE): DECLINED,
    (DECLINED, Reply.AGREE): AGREED,
}


def open_to(reply: Reply) -> dict[NominationState, NominationState]:
    """这句话能让哪些状态走到哪里。"""
    return {before: after for (before, said), after in STEPS.items() if said is reply}
