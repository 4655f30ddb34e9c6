"""季报：一个单位一季交没交。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.units import Unit


class ReportState(StrEnum):
    """走到哪一步；没有行就是未报。"""

    MISSING = "未报"
    SENT = "已报"
    RETURNED = "退回"


class UnitReport(Model):
    """一个单位一季的季报现在到哪一步；谁、什么时候走的这一步。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="reports", on_delete=fields.CASCADE
    )
    unit_id: int
    #: 如 2026Q4
    quarter = fields.CharField(6)
    state = fields.CharEnumField(ReportState, max_length=4)
    #: 操作人 Person.id；超级管理员不在名册上时为空
    by = fields.IntField(null=True)
    at = UTCDatetimeField()

    class Meta:
        table = "unit_report"
        unique_together = (("unit", "quarter"),)
