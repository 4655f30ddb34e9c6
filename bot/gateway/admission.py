"""进门：一条发言要不要变成 NoneBot 的事件。普通聊天只交给互动记录，不进。"""

from bot.gateway import hearing, tally
from bot.gateway.accounts import Accounts
from bot.gateway.frames import Fault, Reading, Spoken
from bot.gateway.greetings import is_greeting
from bot.gateway.heads import HEADS, MARKS, SLASHES
from bot.gateway.repeats import Repeats
from bot.gateway.waiting import awaited
from bot.settings import settings
from db.models import Scope

#: 整个进程的账号与见过的命令
ACCOUNTS = Accounts()
REPEATS = Repeats()


def admit(scope: Scope, self_id: str, spoken: Spoken) -> bool:
    """听见这条发言，并说它该不该进 NoneBot：命令、私聊里的文件、打招呼、有人在等的回答，或者设置了全部放行。"""
    if spoken.user_id == self_id or spoken.user_id in ACCOUNTS.ours(scope):
        tally.note(Fault.ECHO)
        return False
    opening = spoken.reading.opening
    command = HEADS.looks_like_command(opening)
    if spoken.group_id is not None:
        if not ACCOUNTS.minds(scope, spoken.group_id, self_id):
            tally.note(Fault.ELSEWHERE)
            return False
        hearing.hear(scope, spoken, command=command)
    private = spoken.group_id is None
    wanted = (command or private or spoken.reading.called or opening[:1] in MARKS) and _concerns_us(
        spoken.reading, private=private
    )
    if not (wanted or settings().pass_through or awaited(spoken.session)):
        return False
    if REPEATS.seen(*_key(scope, self_id, spoken)):
        tally.note(Fault.DUPLICATE)
        return False
    return True


def settle(scope: Scope, self_id: str, spoken: Spoken) -> None:
    """这条办完了。"""
    REPEATS.done(*_key(scope, self_id, spoken))


def _concerns_us(reading: Reading, *, private: bool) -> bool:
    """是我们的命令，或像是打错了、在打招呼；私聊里的文件、认不得的斜杠也答一句。"""
    opening = reading.opening
    if HEADS.find(opening) or HEADS.near(opening) or HEADS.slip(opening, bare=private or reading.called):
        return True
    return (private and (reading.attached or opening.startswith(SLASHES))) or is_greeting(reading, private=private)


def _key(scope: Scope, self_id: str, spoken: Spoken) -> tuple[str, ...]:
    return scope, self_id, spoken.group_id or "", spoken.user_id, spoken.message_id
