"""五个一：一个单位这一季定的是哪五件事。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.activities import Side
from db.models.units import Unit


class Lead(StrEnum):
    """单位的五件事由哪个部门牵头（校青字〔2017〕10号 三）。"""

    ORGANISATION = "组织部"
    PUBLICITY = "宣传部"


class FiveOnes(Model):
    """一个单位定的一版五件事，给团干部的，或给单位自己的；只添不改，最新的一版算数，旧的留着。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="five_ones", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    side = fields.CharEnumField(Side, max_length=5, default=Side.CADRE, db_default="cadre")
    #: 如 2026Q4
    quarter = fields.CharField(6, db_index=True)
    #: 五个短名字
    names: fields.Field[list[str]] = fields.JSONField()
    #: 谁定的
    issuer = CleanCharField(60)
    #: 依据的文号
    document = CleanCharField(40)
    #: 每月几次
    monthly = fields.IntField()
    #: 单位的由谁牵头
    lead = fields.CharEnumField(Lead, max_length=4, null=True)
    #: 操作人 Person.id；超级管理员不在名册上时为空
    set_by = fields.IntField(null=True)
    set_at = UTCDatetimeField(db_index=True)

    class Meta:
        table = "five_ones"
