"""`/状态` 的样子：一张卡片，文字版一行一项。"""

from datetime import datetime, timedelta

from bot.cards import Card, Json
from bot.gateway.conditions import LAGGING, UNTICKED, Conditions
from bot.league.notices import BotAccount
from bot.league.periods import local
from bot.league.undelivered import STATES, Undelivered
from db.models import NoticeState, Scope

_WAITING = (NoticeState.DUE, NoticeState.RIDING, NoticeState.CLAIMED)


def status(now: Conditions, *, at: datetime) -> Card:
    """几行说清：账号、记录、到点的事、通知，和没送成的编号。"""
    rows = [*_accounts(now, at), _recording(now), _looking(now, at), *_notices(now)]
    title = "团团的状态"
    since = f" · 运行 {_span(at - now.started_at)}" if now.started_at else ""
    about = f"{local(at):%m-%d %H:%M} · {now.version} · {now.engine}{since}"
    foot = "重送发 /状态 重送 12，作废发 /状态 作废 12；全部在服务器上用 tuanbot notices 看。"
    lines = [f"{title}（{about}）", *(_line(row) for row in rows), *([foot] if now.troubled or now.held else [])]
    data: dict[str, Json] = {"title": title, "subtitle": about, "rows": rows, "more": "", "foot": foot}
    return Card("list", data, "\n".join(lines))


def retried(count: int) -> str:
    """放回去了。"""
    return f"{count} 条放回去了，这就再送一次；说不清的那些，对方可能会看到两遍。"


def dropped(count: int) -> str:
    """作废了。"""
    return f"{count} 条作废了，不再送。"


def _row(name: str, right: str, *, warn: bool = False, note: str = "") -> dict[str, Json]:
    return {"name": name, "tags": [], "right": right, "warn": warn, "note": note}


def _line(row: dict[str, Json]) -> str:
    mark = "！" if row["warn"] else ""
    return f"{mark}{row['name']}：{row['right']}" + (f"\n  {row['note']}" if row["note"] else "")


def _accounts(now: Conditions, at: datetime) -> list[dict[str, Json]]:
    if not now.accounts:
        return [_row("机器人账号", "一个也没连上", warn=True, note="连接的写法见 docs/deploy.md")]
    return [
        _row(
            _name(account),
            "在线" if account in now.online else f"{_span(at - seen)}没见",
            warn=account not in now.online,
        )
        for account, seen in now.accounts.items()
    ]


def _name(account: BotAccount) -> str:
    return f"{Scope(account[0]).label} {account[1]}"


def _recording(now: Conditions) -> dict[str, Json]:
    commands = f"，命令排着 {now.commands} 条" if now.commands else ""
    if not now.recording:
        return _row("互动记录", f"停了{commands}", warn=True, note="看日志和磁盘，再重启")
    slow = now.lag >= LAGGING
    return _row("互动记录", f"积压 {now.queued} 条、{now.lag.total_seconds():.1f} 秒{commands}", warn=slow)


def _looking(now: Conditions, at: datetime) -> dict[str, Json]:
    failing = f"出错的：{'、'.join(now.failing)}" if now.failing else ""
    if now.looked_at is None:
        return _row("到点的事", "还没看过", note=failing)
    late = at - now.looked_at >= UNTICKED
    return _row("到点的事", f"{_span(at - now.looked_at)}前看过", warn=late or bool(failing), note=failing)


def _notices(now: Conditions) -> list[dict[str, Json]]:
    counts = now.notices
    waiting = "，".join(f"{STATES[state]} {counts[state]}" for state in _WAITING if counts.get(state)) or "没有等着的"
    done = f"近 30 天送到 {counts.get(NoticeState.SENT, 0)}，作废 {counts.get(NoticeState.EXPIRED, 0)}"
    rows = [_row("通知", waiting, note=done)]
    for state in (NoticeState.FAILED, NoticeState.UNKNOWN):
        if many := counts.get(state):
            rows.append(
                _row(STATES[state], f"{many} 条", warn=True, note=_ids([r for r in now.troubled if r.state is state]))
            )
    if now.held:
        rows.append(_row("到点了还留着", f"{len(now.held)} 条", note=_ids(now.held)))
    return rows


def _ids(rows: list[Undelivered]) -> str:
    return "；".join(f"{row.id} {row.why}" for row in rows)


def _span(span: timedelta) -> str:
    """`40 秒`、`12 分钟`、`3 小时`、`4 天`。"""
    seconds = max(0, round(span.total_seconds()))
    for unit, length in (("天", 86_400), ("小时", 3_600), ("分钟", 60)):
        if seconds >= 2 * length or (seconds >= length and unit != "天"):
            return f"{seconds // length} {unit}"
    return f"{seconds} 秒"
