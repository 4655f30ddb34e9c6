"""投递的测试共用的一个平台与一个群；要别的样子的，在自己的文件里另写一个同名的。"""

from collections.abc import Iterator

import pytest

from db.models import Group
from tests import factories
from tests.gateway.platforms import Platform, connected


@pytest.fixture
def qq() -> Iterator[Platform]:
    """连着一个账号的平台，11 是好友。"""
    with connected() as platform:
        platform.friends = {"11"}
        yield platform


@pytest.fixture
async def group(database: str) -> Group:
    """李老师绑定的群 500。"""
    return await factories.group(500, await factories.cadre(1, "李老师", await factories.school()))
