"""记录的链：每一版一环，后一环咬着前一环。"""

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.activities import ActivityVersion
from db.models.persons import Person


class ChainLink(Model):
    """一环：活动、记录的一版。内容与原因到期会清空，所以不在里面。"""

    id = fields.IntField(primary_key=True)
    version: fields.ForeignKeyRelation[ActivityVersion] = fields.ForeignKeyField(
        "models.ActivityVersion", related_name="links", on_delete=fields.RESTRICT, unique=True
    )
    version_id: int
    #: 哪一季接上的
    quarter = fields.CharField(6)
    #: 从头数第几环，从 1 起，不分季
    position = fields.IntField(unique=True)
    #: 写着的人，各是 sha256(盐 + 编号)；删掉盐就再也连不回人，链照样对得上
    people: fields.Field[list[str]] = fields.JSONField(default=list)
    #: sha256(前一环的 digest + 这一版的样子)
    digest = fields.CharField(64)
    linked_at = UTCDatetimeField()

    salts: fields.ReverseRelation["ChainSalt"]

    class Meta:
        table = "chain_link"
        indexes = (("quarter", "position"),)


class ChainSalt(Model):
    """一环里一个人的盐；他删除数据时整行删掉。"""

    id = fields.IntField(primary_key=True)
    link: fields.ForeignKeyRelation[ChainLink] = fields.ForeignKeyField(
        "models.ChainLink", related_name="salts", on_delete=fields.CASCADE
    )
    link_id: int
    #: 第几个人，从 0 起
    place = fields.IntField()
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="chain_salts", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    salt = fields.CharField(32)

    class Meta:
        table = "chain_salt"
        unique_together = (("link", "place"),)
