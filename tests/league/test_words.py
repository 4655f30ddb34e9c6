"""心愿里的字：洗净、隐去号码、分道。"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.league.errors import Refusal
from bot.league.words import digest, lane_of, mask, sentence, tidy
from db.models import WishLane


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我电话13812345678吧", "打我电话〔电话已隐去〕吧"),
        ("138 1234 5678", "〔电话已隐去〕"),
        ("138-1234-5678", "〔电话已隐去〕"),
        ("1 3 8 1 2 3 4 5 6 7 8", "〔电话已隐去〕"),
        ("１３８１２３４５６７８", "〔电话已隐去〕"),
        ("１３８－１２３４－５６７８", "〔电话已隐去〕"),
        ("①③⑧①②③④⑤⑥⑦⑧", "〔电话已隐去〕"),
        ("+86 138 1234 5678", "〔电话已隐去〕"),
        ("138−1234・5678", "〔电话已隐去〕"),
        ("1 3 8 — 1 2 3 4 — 5 6 7 8", "〔电话已隐去〕"),
        ("打138，1234，5678", "打〔电话已隐去〕"),
        ("138(1234)5678", "〔电话已隐去〕"),
        ("1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8", "〔电话已隐去〕"),
        ("١٣٨١٢٣٤٥٦٧٨", "〔电话已隐去〕"),
        ("幺三八 幺二三四 五六七八", "〔电话已隐去〕"),
        ("8613812345678", "〔电话已隐去〕"),
        ("身份证11010119900307123X", "身份证〔证件号已隐去〕"),
        ("身份证１１０１０１１９９００３０７１２３ｘ", "身份证〔证件号已隐去〕"),
        ("110101 19900307 1234", "〔证件号已隐去〕"),
        ("110101.19900307.123X", "〔证件号已隐去〕"),
        ("老证110101900307123", "老证〔证件号已隐去〕"),
        ("卡6222 0212 3456 7890 123", "卡〔卡号已隐去〕"),
        ("6222021234567890123", "〔卡号已隐去〕"),
        ("QQ号123456789", "QQ号〔账号已隐去〕"),
        ("qq：12345678", "qq：〔账号已隐去〕"),
        ("加q 12345678", "加q 〔账号已隐去〕"),
        ("加微信 abc_12345", "加微信 〔账号已隐去〕"),
        ("微信号：wxid_abcdef", "微信号：〔账号已隐去〕"),
        ("vx：abcde1", "vx：〔账号已隐去〕"),
        ("学号20230012345", "学号〔学号已隐去〕"),
        ("邮箱a.b@qq.com谢谢", "邮箱〔邮箱已隐去〕谢谢"),
        ("两个13812345678和13912345678", "两个〔电话已隐去〕和〔电话已隐去〕"),
    ],
)
def test_numbers_that_lead_to_a_person_are_hidden(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18 14:00 到 2026-11-20 借 100 本书",
        "想看《三体》1、2、3",
        "０５５１ 是区号",
        "12345678901",  # 十一位但不是手机号
        "用微信小程序报名",
        "19:00-21:00，301教室，周一三五",
        "1，3，5，7，9，11，13，15 号都行",
        "2026Q3 前后，预算 1,380,000 元",
        "[CQ:at,qq=all]{0.__class__}%s",
        "全角，标点。和 ＡＢＣ 原样留着",
    ],
)
def test_everything_else_stays_as_typed(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_phone_number_never_gets_through_whatever_is_around_it(before: str, after: str) -> None:
    text = f"{before}，13812345678，{after}"
    assert "13812345678" not in mask(text)


@given(st.text(max_size=300))
def test_nothing_typed_breaks_the_reading(text: str) -> None:
    mask(tidy(text))
    lane_of(text)


def test_invisible_and_control_characters_are_dropped_and_the_rest_kept() -> None:
    assert tidy(" 学\u200b修\u202e车\ufeff\0\ud800\u2066 \r\n周末\t{0} ") == "学修车 \n周末\t{0}"


def test_zero_width_characters_do_not_hide_a_number() -> None:
    assert mask(tidy("138\u200b1234\u200b5678")) == "〔电话已隐去〕"


@pytest.mark.parametrize(
    "text",
    [
        "想自杀",
        "我不想活了",
        "不想再活下去",
        "活不下去了",
        "割 腕",
        "自.杀",
        "自\u200b杀",
        "自殺",
        "想跳楼",
        "我想死",
        "好累，想死",
        "活着没意思",
        "活着真没什么意思",
        "结束自己的生命",
        "结束生命",
        "轻生",
        "想离开这个世界",
        "遗书写好了",
        "还不如去死",
        "死了算了",
        "吞安眠药",
        "撑不下去了",
        "I want to die",
        "累死了想自杀",
        "想从楼上跳下去",
        "一了百了算了",
        "想自我了断",
        "忍不住划手臂",
        "吃了一整瓶安眠药",
        "想结束这一切",
        "好想消失",
        "活着好累",
        "我死了会不会有人难过",
        "想死，跳楼价都没人要",
    ],
)
def test_words_of_self_harm_are_heard(text: str) -> None:
    assert lane_of(text) is WishLane.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "跳楼价卖书",
        "跳楼大甩卖",
        "想坐跳楼机",
        "笑死我了",
        "累死了想放假",
        "热得我要死了",
        "想死你了",
        "想玩杀手游戏",
        "想从跳台跳下去试试蹦极",
        "想结束这学期的社团工作",
        "想消失的胶片相机回来",
        "想学划龙舟",
        "想规划自己的大学生活",
        "想认识来自S大的同学",
        "笑得我死了，你们也来看",
        "想看自杀小队",
        "办一场预防自杀的讲座",
        "不想活动，想躺着",
        "奶奶离开了这个世界，想做本相册",
        "想过轻生活",
        "想去看上吊桥",
        "死线前想借电脑",
        "想学修自行车",
        "紫砂壶",
    ],
)
def test_figures_of_speech_are_not_a_crisis(text: str) -> None:
    assert lane_of(text) is WishLane.WALL


@pytest.mark.parametrize(
    "text",
    [
        "想申请困难补助",
        "家庭经济困难",
        "想借钱",
        "网贷还不上",
        "交不起学费",
        "妈妈生病住院",
        "得了抑郁症",
        "想做手术",
        "被霸凌了",
        "生活费不够",
        "有点抑 郁",
        "家里条件不好，想要台旧电脑",
        "家境一般",
        "花呗还不起",
        "吃不饱饭",
        "想借500块",
        "一直失眠",
        "骨折了想借轮椅",
        "被室友孤立",
    ],
)
def test_hardship_illness_and_money_go_to_the_private_lane(text: str) -> None:
    assert lane_of(text) is WishLane.PRIVATE


@pytest.mark.parametrize(
    "text",
    [
        "学习上遇到困难想找人辅导",
        "想去医院做志愿者",
        "救助流浪猫",
        "想看病房改造展",
        "想借 500 本书",
        "图书馆人流量大",
        "想听心理学的课",
        "archive",
    ],
)
def test_ordinary_wishes_stay_on_the_wall(text: str) -> None:
    assert lane_of(text) is WishLane.WALL


def test_the_same_wish_in_other_spacing_or_width_has_the_same_digest() -> None:
    assert digest("想学 修车A") == digest("想学修车ａ\n")
    assert digest("想学修车") != digest("想学开车")
    assert len(digest("想学修车")) == 32


def test_a_note_is_at_most_two_hundred_characters_and_may_be_required() -> None:
    assert sentence("好" * 200) == "好" * 200
    with pytest.raises(Refusal, match="这句话有点长（201 字），请说到 200 字以内。"):
        sentence("好" * 201)
    with pytest.raises(Refusal, match="请写一句话，例如：/进展 W1 好"):
        sentence("\u200b ", example="/进展 W1 好")
