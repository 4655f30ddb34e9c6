"""季度通报：发布了的每一版。"""

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.units import Unit


class Bulletin(Model):
    """一个单位一季的一版通报；只添不改，数字从发布那一刻起就定住了。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="bulletins", on_delete=fields.CASCADE
    )
    unit_id: int
    #: 如 2026Q3
    quarter = fields.CharField(6)
    version = fields.IntField()
    #: 发布时单位叫什么
    name = CleanCharField(60)
    #: 各张表，藏起来的数不在里面
    figures: fields.Field[list[dict[str, object]]] = fields.JSONField()
    #: 为什么更正；第 1 版为空
    reason = CleanCharField(220, null=True)
    #: 比上一版改了哪些，一处一句
    changes: fields.Field[list[str]] = fields.JSONField()
    #: 上面这些的 SHA-256，印在通报上
    digest = fields.CharField(64)
    #: 记录的链到季末的根；没有为空
    root = fields.CharField(64, null=True)
    #: 操作人 Person.id；超级管理员不在名册上时为空
    published_by = fields.IntField(null=True)
    published_at = UTCDatetimeField()

    class Meta:
        table = "bulletin"
        unique_together = (("unit", "quarter", "version"),)
