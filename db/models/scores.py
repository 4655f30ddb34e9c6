"""积分与名次：都可以整表删掉，由事实重算。"""

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.persons import Cadre
from db.models.units import Unit


class Score(Model):
    """一位团干部一季的积分。各部分 0–1，空为“不适用”。"""

    id = fields.IntField(primary_key=True)
    quarter = fields.CharField(6)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="scores", on_delete=fields.CASCADE, db_index=True
    )
    cadre_id: int
    #: 覆盖 R
    coverage = fields.FloatField(null=True)
    #: 深度 D
    depth = fields.FloatField(null=True)
    #: 服务 S
    service = fields.FloatField(null=True)
    #: 五个一 F
    five_ones = fields.FloatField(null=True)
    #: 青年评价 V
    ratings = fields.FloatField(null=True)
    #: 诚信系数
    integrity = fields.FloatField(default=1.0)
    #: 0–100；没有任何部分适用时为空
    total = fields.FloatField(null=True)
    #: 算分用的数：quota、roster、base、reached、twice、wishes…
    facts: fields.JSONField[dict[str, float]] = fields.JSONField()
    computed_at = UTCDatetimeField()

    class Meta:
        table = "score"
        unique_together = (("quarter", "cadre"),)


class Ranking(Model):
    """一次快照里一位团干部的名次。100 人档与 10 人档分开排，同分同名次。"""

    id = fields.IntField(primary_key=True)
    quarter = fields.CharField(6)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="rankings", on_delete=fields.CASCADE, db_index=True
    )
    cadre_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="rankings", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    #: 100 或 10
    quota = fields.IntField()
    total = fields.FloatField()
    #: 全库名次与人数
    place = fields.IntField()
    size = fields.IntField()
    #: 本单位名次与人数
    unit_place = fields.IntField()
    unit_size = fields.IntField()
    #: 这一行最近一次变
    taken_at = UTCDatetimeField()

    class Meta:
        table = "ranking"
        unique_together = (("quarter", "cadre"),)
        indexes = (("quarter", "quota", "place"),)
