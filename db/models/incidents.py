"""机器人自己出的毛病，与哪个账号多久没见。没有任何人的信息。"""

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.persons import Scope


class Incident(Model):
    """一次毛病：说过一次，好了再说一次。"""

    id = fields.IntField(primary_key=True)
    #: 如 failures、account/qq:10000、recording@主机:8080；`@` 后面是哪个进程看见的
    name = fields.CharField(120)
    #: 没好时等于 `name`，好了为空：同一件事同时只有一行开着
    current = fields.CharField(120, null=True, unique=True)
    #: 当时说的话
    what = fields.CharField(200)
    opened_at = UTCDatetimeField()
    #: 最近一次还看见它
    seen_at = UTCDatetimeField()
    closed_at = UTCDatetimeField(null=True)

    class Meta:
        table = "incident"


class Presence(Model):
    """一个机器人账号最近一次在线；几个进程都往这里记。"""

    id = fields.IntField(primary_key=True)
    scope = fields.CharEnumField(Scope, max_length=12)
    self_id = CleanCharField(80)
    seen_at = UTCDatetimeField()

    class Meta:
        table = "bot_presence"
        unique_together = (("scope", "self_id"),)
