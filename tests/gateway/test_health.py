"""健康页：记录停了、积压了、太久没看一眼，都要红。"""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.gateway import health as page
from bot.gateway import hearing
from bot.gateway.health import health


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, at: datetime) -> SimpleNamespace:
    """互动记录此刻的样子，可以改。"""
    state = SimpleNamespace(alive=True, oldest=0.2)
    monkeypatch.setattr(hearing, "_log", SimpleNamespace(health=lambda: state))
    monkeypatch.setattr(page, "last_look", lambda: at)
    return state


def test_all_is_well(state: SimpleNamespace, at: datetime) -> None:
    assert health(at).ok


def test_a_dead_writer_is_red(state: SimpleNamespace, at: datetime) -> None:
    state.alive = False
    assert not health(at).ok


def test_a_long_queue_is_red(state: SimpleNamespace, at: datetime) -> None:
    state.oldest = page.LAGGING
    assert not health(at).ok


def test_not_listening_at_all_is_red(state: SimpleNamespace, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_log", None)
    assert not health(at).ok


def test_no_look_for_long_is_red(state: SimpleNamespace, at: datetime) -> None:
    assert not health(at + timedelta(seconds=page.UNTICKED + 1)).ok
