"""青年评价：抽到谁、问了没有、打了几分。"""

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.persons import Cadre, Person


class RatingRound(Model):
    """一季里的一回抽问。种子谁也看不到，同样的种子抽出同样的人。"""

    id = fields.IntField(primary_key=True)
    #: 如 2026Q4
    quarter = fields.CharField(6)
    #: 本季第几回
    number = fields.IntField()
    seed = fields.CharField(32)
    opens_at = UTCDatetimeField()
    #: 到这时截止、揭晓；之前的不进积分，之后的不算抽问
    closes_at = UTCDatetimeField(db_index=True)
    #: 全部抽完的时刻；抽到一半断了为空，重来一遍
    drawn_at = UTCDatetimeField(null=True)

    class Meta:
        table = "rating_round"
        unique_together = (("quarter", "number"),)


class RatingAsk(Model):
    """抽到的一位青年，请他评哪位团干部；一人一季至多一回。"""

    id = fields.IntField(primary_key=True)
    round: fields.ForeignKeyRelation[RatingRound] = fields.ForeignKeyField(
        "models.RatingRound", related_name="asks", on_delete=fields.CASCADE, db_index=True
    )
    round_id: int
    quarter = fields.CharField(6)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="rating_asks", on_delete=fields.RESTRICT
    )
    cadre_id: int
    youth: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="rating_asks", on_delete=fields.CASCADE, db_index=True
    )
    youth_id: int
    #: 排在什么时候问
    ask_at = UTCDatetimeField()
    #: 问了；空是还没问
    asked_at = UTCDatetimeField(null=True)

    class Meta:
        table = "rating_ask"
        unique_together = (("quarter", "youth"),)
        indexes = (("quarter", "cadre_id"), ("asked_at", "ask_at"))


class Rating(Model):
    """一位青年一季给一位团干部的评价。"""

    id = fields.IntField(primary_key=True)
    quarter = fields.CharField(6)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="ratings_received", on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int
    youth: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="ratings_given", on_delete=fields.CASCADE, db_index=True
    )
    youth_id: int
    #: 答的是哪一回抽问；自己主动评的为空，不进积分
    round: fields.ForeignKeyNullableRelation[RatingRound] = fields.ForeignKeyField(
        "models.RatingRound", related_name="ratings", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    round_id: int | None
    #: 1–5
    stars = fields.SmallIntField()
    #: 附的一句话，号码已隐去；季末满 90 天清空，凑不够 5 句的季末就清空
    text = CleanTextField(null=True)
    given_at = UTCDatetimeField()

    class Meta:
        table = "rating"
        unique_together = (("quarter", "cadre", "youth"),)
