from tortoise import migrations
from tortoise.migrations import operations as ops
from db.fields import UTCDatetimeField
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='Notice',
            name=None,
            fields=['state', 'due_at'],
        ),
        ops.AlterField(
            model_name='Notice',
            name='claimed_until',
            field=UTCDatetimeField(null=True, description='领到什么时候为止；说不清的留着它，核对完才清', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='resent_at',
            field=UTCDatetimeField(null=True, description='核对过确实没有送到，放回来重送的时刻；只有这一次', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='spent_at',
            field=UTCDatetimeField(null=True, description='占了收的人一周名额的时刻；没说成就退回来（为空）', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='tried_by',
            field=fields.CharField(null=True, description='说不清的那一次是哪个机器人账号说的，如 qq:10000；照着它的消息记录去核对', max_length=80),
        ),
        ops.AddIndex(
            model_name='Notice',
            index=Index(fields=['state', 'urgent', 'due_at', 'id']),
        ),
    ]
