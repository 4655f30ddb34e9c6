"""要送出去的话。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Person


class NoticeState(StrEnum):
    """一条通知的去向。"""

    DUE = "due"  # 等着送
    CLAIMED = "claimed"  # 有进程正在送，到 `claimed_until` 为止
    RIDING = "riding"  # 私聊不通，等本人下次说话时搭车
    SENT = "sent"
    UNKNOWN = "unknown"  # 可能送到了，可能没有；绝不盲目重发
    FAILED = "failed"  # 送不到，原因在 `reason`
    EXPIRED = "expired"  # 过了时候，不送了


class Notice(Model):
    """(kind, recipient, period) 唯一：同一件事对同一个人只说一次。"""

    id = fields.IntField(primary_key=True)
    #: 如 reminder.monthly、wish.claimed
    kind = fields.CharField(32)
    #: p12 是人，g3 是群
    recipient = fields.CharField(16)
    #: 如 2026-11、2026-W47、W12/5
    period = fields.CharField(32)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="notices", null=True, on_delete=fields.CASCADE, db_index=True
    )
    person_id: int | None
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="notices", null=True, on_delete=fields.CASCADE, db_index=True
    )
    group_id: int | None
    #: 要说的话；送达 30 天后清空
    text = CleanTextField(null=True)
    #: 送的时候画哪张图，如 bulletin/12；画不出、平台不收就说 `text`。没有图为空
    card = fields.CharField(48, null=True)
    state = fields.CharEnumField(NoticeState, max_length=8)
    #: 危机求助：不等静默时段过去
    urgent = fields.BooleanField(default=False)
    #: 不在群里提：一提就让人猜到匿名、私密的心愿是谁的
    discreet = fields.BooleanField(default=False)
    due_at = UTCDatetimeField()
    expires_at = UTCDatetimeField()
    #: 这一次领取的凭据；过期后旧主人拿着它也改不动这一行
    claimed_by = fields.CharField(40, null=True)
    #: 领到什么时候为止；说不清的留着它，核对完才清
    claimed_until = UTCDatetimeField(null=True)
    attempts = fields.IntField(default=0)
    reason = fields.CharField(80, null=True)
    #: 说不清的那一次是哪个机器人账号说的，如 qq:10000；照着它的消息记录去核对
    tried_by = fields.CharField(80, null=True)
    #: 核对过确实没有送到，放回来重送的时刻；只有这一次
    resent_at = UTCDatetimeField(null=True)
    sent_at = UTCDatetimeField(null=True)
    #: 占了收的人一周名额的时刻；没说成就退回来（为空）
    spent_at = UTCDatetimeField(null=True)
    created_at = UTCDatetimeField()

    class Meta:
        table = "notice"
        unique_together = (("kind", "recipient", "period"),)
        indexes = (("state", "urgent", "due_at", "id"),)  # 领一条的次序：不用先把到点的全看一遍


class Round(Model):
    """一轮提醒（某月 20 日的、某周一的）看过没有：看过就不再看第二遍，错过的留下原因。"""

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(32)
    period = fields.CharField(32)
    #: 本该几点
    due_at = UTCDatetimeField(db_index=True)
    #: 实际几点看的；错过了为空
    done_at = UTCDatetimeField(null=True)
    #: 错过的原因
    reason = fields.CharField(80, null=True)

    class Meta:
        table = "notice_round"
        unique_together = (("kind", "period"),)
