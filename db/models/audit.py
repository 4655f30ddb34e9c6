"""留痕。"""

from tortoise import Model, fields

from db.fields import UTCDatetimeField


class Audit(Model):
    """谁在什么时候动了什么；不含聊天内容，也不含心愿内容。"""

    id = fields.IntField(primary_key=True)
    at = UTCDatetimeField(db_index=True)
    #: 操作人 Person.id；命令行或系统为空
    actor_id = fields.IntField(null=True, db_index=True)
    #: 如 role.appoint、roster.import、group.bind、person.erase
    action = fields.CharField(32)
    #: 如 p12、u3、W7
    subject = fields.CharField(32)
    #: 给人看的一句话
    detail = fields.CharField(200, default="")

    class Meta:
        table = "audit"
