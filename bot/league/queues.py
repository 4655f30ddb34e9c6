"""每个机器人账号的队：到点的通知里，哪一条该由它送。一条查询，几个进程一起问也不会领到同一条。"""

from collections.abc import Collection

from bot.league import budgets, kinds
from db import sql
from db.models import Scope

#: 我们的一个机器人账号：(平台, 账号)
BotAccount = tuple[Scope, str]


def claimable(among: Collection[BotAccount]) -> str:
    """找一条的查询：$1 此刻，$2 紧急与否，$3 $4 是谁来领，$5 一周前，$6 多久没见就当账号不在了，其后是本进程的账号。

    归它送的：群里有它的；跟它私聊过的人；没跟我们在线的账号私聊过、但跟它同群，或从没私聊过、私聊过的账号不在了的人。
    """
    talked_to_us = " OR ".join(f"(a.scope = ${7 + 2 * n} AND a.self_id = ${8 + 2 * n})" for n in range(len(among)))
    return f"""
    SELECT n.id FROM notice n
    WHERE n.state = 'due' AND n.urgent = $2 AND n.due_at <= $1 AND n.expires_at > $1
    AND {budgets.is_owed("n")} AND {budgets.has_room("n", "$5")}
    AND (n.urgent OR n.kind IN ({sql.words(kinds.even_if_away())}) OR NOT EXISTS (
        SELECT 1 FROM absence b
        WHERE b.person_id = n.person_id AND b.cancelled_at IS NULL AND b.since <= $1 AND b.until > $1))
    AND (
        {_ANY_GROUP} WHERE g.id = n.group_id AND {_OURS})
        OR {_ANY_ACCOUNT} WHERE a.scope = $3 AND a.self_id = $4)
        OR (n.person_id IS NOT NULL
            AND NOT {_ANY_ACCOUNT} WHERE {talked_to_us})
            AND (
                {_ANY_ACCOUNT} WHERE a.scope = $3 AND NOT EXISTS (
                    SELECT 1 FROM bot_presence p
                    WHERE p.scope = a.scope AND p.self_id = a.self_id AND p.seen_at > $6))
                OR {_ANY_GROUP} JOIN contact c ON c.group_id = g.id
                    WHERE c.youth_id = n.person_id AND c.state = 'active' AND {_OURS})
                OR {_ANY_GROUP} JOIN wish w ON w.group_id = g.id WHERE w.author_id = n.person_id AND {_OURS})
                OR {_ANY_GROUP} JOIN cadre d ON d.id = g.cadre_id WHERE d.person_id = n.person_id AND {_OURS})
            ))
    )
    ORDER BY n.due_at, n.id LIMIT 1 {"" if sql.dialect() == "sqlite" else "FOR UPDATE OF n SKIP LOCKED"}
    """


#: `LIMIT` 拦着优化器：没有统计信息时（刚导入完），它会为每一条通知把整张账号表扫一遍
_ANY_ACCOUNT = "EXISTS (SELECT 1 FROM (SELECT * FROM account WHERE person_id = n.person_id LIMIT 1000) a"
_ANY_GROUP = "EXISTS (SELECT 1 FROM chat_group g"
_OURS = "g.scope = $3 AND g.self_id = $4 AND g.unbound_at IS NULL"
