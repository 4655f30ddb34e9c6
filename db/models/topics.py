"""话题与投票。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.groups import Group


class TopicState(StrEnum):
    """一个话题走到哪里了。"""

    OPEN = "聊着"
    ENDED = "已结束"  # 迟到、补来的话还能数进去
    SETTLED = "已封存"  # 只留下几个总数


class Topic(Model):
    """群里的一个话题；一个群同时只开一个。"""

    id = fields.IntField(primary_key=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="topics", on_delete=fields.CASCADE
    )
    group_id: int
    title = CleanCharField(40)
    #: 谁开的（Person.id）；超级管理员不在名册上时为空
    opened_by = fields.IntField(null=True)
    state = fields.CharEnumField(TopicState, max_length=6)
    opened_at = UTCDatetimeField()
    #: 到这一刻（含这一秒）为止的话都算
    ends_at = UTCDatetimeField(db_index=True)
    #: 封存时的三个总数：青年人数、青年的实质发言条数、其余实质发言条数
    youths = fields.IntField(null=True)
    youth_messages = fields.IntField(null=True)
    other_messages = fields.IntField(null=True)

    class Meta:
        table = "topic"
        indexes = (("group_id", "state"), ("state", "ends_at"))


class TopicVoice(Model):
    """一个话题里谁说了几句实质的话；封存时整行删去。没加入的人合成一行，`who` 为 0。"""

    id = fields.BigIntField(primary_key=True)
    topic: fields.ForeignKeyRelation[Topic] = fields.ForeignKeyField(
        "models.Topic", related_name="voices", on_delete=fields.CASCADE
    )
    topic_id: int
    #: 每个话题都不同的带钥匙指纹
    who = fields.BigIntField()
    #: 是加入了的青年
    youth = fields.BooleanField()
    #: 实质发言条数
    messages = fields.IntField()

    class Meta:
        table = "topic_voice"
        unique_together = (("topic", "who"),)


class PollState(StrEnum):
    """一次投票走到哪里了。"""

    OPEN = "投着"
    CLOSED = "已结束"


class Poll(Model):
    """群里的一次不记名投票；一个群同时只开一个。"""

    id = fields.IntField(primary_key=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="polls", on_delete=fields.CASCADE
    )
    group_id: int
    #: 开在哪个话题里；话题结束它也结束
    topic: fields.ForeignKeyNullableRelation[Topic] = fields.ForeignKeyField(
        "models.Topic", related_name="polls", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    topic_id: int | None
    title = CleanCharField(40)
    #: 谁开的（Person.id）
    opened_by = fields.IntField(null=True)
    state = fields.CharEnumField(PollState, max_length=4)
    opened_at = UTCDatetimeField()
    ends_at = UTCDatetimeField()

    options: fields.ReverseRelation["PollOption"]

    class Meta:
        table = "poll"
        indexes = (("group_id", "state"), ("state", "ends_at"))

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"P{self.id}"


class PollOption(Model):
    """一个选项与它的票数；票数与谁投的分开放，连不起来。"""

    id = fields.IntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="options", on_delete=fields.CASCADE
    )
    poll_id: int
    #: 第几项，从 1 起
    place = fields.IntField()
    text = CleanCharField(30)
    votes = fields.IntField(default=0)

    class Meta:
        table = "poll_option"
        unique_together = (("poll", "place"),)


class Ballot(Model):
    """投过了：只有每次投票都不同的带钥匙指纹，没有选了哪项、没有时间；投票结束时删去。"""

    #: 指纹本身当主键：行的先后看不出来
    voter = fields.CharField(32, primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="ballots", on_delete=fields.CASCADE, db_index=True
    )
    poll_id: int

    class Meta:
        table = "ballot"
