import pytest

from db.models import Scope
from tests.phones import PLATFORMS


@pytest.fixture(scope="module", params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Scope:
    """真进程的测试在 QQ 与微信上各跑一遍。"""
    return request.param
