"""一段长文字画成的卡片。"""

from bot.cards import draw, written
from tests.cards.test_card import size


def test_a_short_first_line_is_the_title_and_nothing_is_lost() -> None:
    card = written("三季度进展\n· 心愿 12 个\n\n  到这里  \n")
    assert (card.data["title"], card.data["lines"]) == ("三季度进展", ["· 心愿 12 个", "", "到这里"])
    assert card.text == "三季度进展\n· 心愿 12 个\n\n  到这里  \n"
    plain = written("一" * 21)
    assert (plain.data["title"], plain.data["lines"]) == ("团团说", ["一" * 21])


def test_an_endless_number_is_broken_into_lines() -> None:
    one, two = (size(draw(written("号码\n" + "1" * count)))[1] for count in (40, 80))
    assert two > one, "没有伸出图外"


def test_any_words_can_be_drawn() -> None:
    for words in ("", "\n\n", "#panic()", "$x", "· ", "“" * 30, "🎉"):
        assert size(draw(written(words)))[0] == 720
