"""两种引擎上都说同一种话的字段。"""

import re
from datetime import UTC, datetime
from typing import Any

from tortoise import Model, fields

# PostgreSQL 不收 NUL，两种引擎都不收落单的代理字符
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """去掉数据库不收的字符，其余原样保留。"""
    return _UNSTORABLE.sub("", text)


class UTCDatetimeField(fields.DatetimeField):
    """入库前换成 UTC：SQLite 里时间是文本、按文本比较，混着时区就会比错。"""

    def to_python_value(self, value: Any) -> datetime | None:
        """SQLite 里的文本自己读：父类用的那一个慢几十倍，几千行就看得出。"""
        return super().to_python_value(datetime.fromisoformat(value) if isinstance(value, str) else value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> datetime | None:
        """带时区的值换成 UTC，其余交给父类。"""
        value = super().to_db_value(value, instance)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        return value


class CleanTextField(fields.TextField):
    """存人写的话：入库前 `clean`。"""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        """去掉存不下的字符。"""
        return clean(value) if isinstance(value, str) else value


class CleanCharField(fields.CharField):
    """短文字：入库前 `clean`。"""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        """去掉存不下的字符。"""
        return super().to_db_value(clean(value) if isinstance(value, str) else value, instance)
