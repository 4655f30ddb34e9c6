"""最美青春故事：青年推荐团干部。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.persons import Cadre, Person


class NominationState(StrEnum):
    """被推荐的本人怎么说；他点头之前，谁也看不到。"""

    WAITING = "等本人回话"
    AGREED = "本人同意"
    DECLINED = "本人婉拒"


class Nomination(Model):
    """一位青年一年的一份推荐；撤回、当年过后满 90 天，整行删掉。"""

    id = fields.IntField(primary_key=True)
    #: 哪一年的
    year = fields.IntField()
    author: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="nominations", on_delete=fields.CASCADE
    )
    author_id: int
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="nominations", on_delete=fields.CASCADE, db_index=True
    )
    cadre_id: int
    #: 事迹（号码已隐去）
    text = CleanTextField()
    state = fields.CharEnumField(NominationState, max_length=6, db_index=True)
    created_at = UTCDatetimeField()
    #: 请本人回话的时间；还没请为空
    asked_at = UTCDatetimeField(null=True)
    answered_at = UTCDatetimeField(null=True)

    class Meta:
        table = "nomination"
        unique_together = (("author", "year"),)
