"""心愿、心声里的字：洗净、隐去号码、认出该走哪条道。全是纯函数，不认识数据库。"""

import re
import unicodedata
from hashlib import blake2b

from bot.league.errors import Refusal
from bot.settings import settings
from db.fields import clean
from db.models import WishLane

#: 产品说明第 5 节：超过 200 字的请他说短些
MAX_LENGTH = 200
#: 危机求助不嫌长，只是不让一条消息占满库；听的时候比平台发得出的还多听一些，最后一句才说出来的也听得到
MAX_CRISIS_LENGTH, MAX_HEARD = 2000, 20_000

# 看不见的字：零宽、双向控制、软连字符，以及换行制表之外的控制符
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")

# 号码里夹着的空白、横线、点、键帽的框
_GAP = r"[\s\-‐‑‒–—―−_.·・•…~*+|\ufe0e\ufe0f\u20e3]{0,3}"
# 逗号、冒号、括号平常是列举与钟点，只在手机号照 3-4-4 分开时才认
_BREAK = r"[^\w\0]{0,3}"
_KEYED = r"(?:是|为)?\s*[:=]?\s*"
_ID18 = (
    rf"[1-9](?:{_GAP}\d){{5}}{_GAP}(?:1{_GAP}[89]|2{_GAP}0)(?:{_GAP}\d){{2}}{_GAP}[01]{_GAP}\d{_GAP}[0-3]{_GAP}\d"
    rf"(?:{_GAP}\d){{3}}{_GAP}[\dx]"
)
_ID15 = r"[1-9]\d{7}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}"

#: 按次序隐去；都在逐字 NFKC、小写之后的文字上找，找到的那一段整个换掉
_NUMBERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("邮箱", re.compile(r"[a-z0-9._%+\-]+@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+")),
    ("证件号", re.compile(rf"(?<![\da-z])(?:{_ID18}|{_ID15})(?![\da-z])")),
    ("卡号", re.compile(r"(?<!\d)(?:\d{4}(?:[ \-]\d{4}){2,4}(?:[ \-]?\d{1,3})?|(?!0?0?86)\d{12,}x?)(?!\d)")),
    ("电话", re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")),
    ("电话", re.compile(rf"[一幺]{_GAP}[三四五六七八九](?:{_GAP}[〇零一幺二三四五六七八九]){{9}}")),
    ("电话", re.compile(rf"(?<!\d)1[3-9]\d{_BREAK}\d{{4}}{_BREAK}\d{{4}}(?!\d)")),
    ("卡号", re.compile(r"(?<!\d)\d{12,}x?")),
    ("账号", re.compile(rf"(?:(?<![a-z])qq?|扣扣|企鹅)(?:号码?|群)?\s*{_KEYED}(\d{{5,12}})(?!\d)")),
    (
        "账号",
        re.compile(
            rf"(?:(?<![a-z])(?:wx|vx|v信?|wechat|weixin)|微信|薇信|威信)(?:号码?)\s*{_KEYED}([a-z0-9][\w\-]{{4,19}})",
            re.A,
        ),
    ),
    (
        "账号",
        re.compile(
            rf"(?:(?<![a-z])(?:wx|vx|v信?|wechat|weixin)|微信|薇信|威信)\s*{_KEYED}"
            r"((?=[a-z_\-]*[\d_])[a-z0-9][\w\-]{4,19})",
            re.A,
        ),
    ),
    ("学号", re.compile(rf"(?:学号|工号)\s*{_KEYED}([a-z]{{0,3}}\d{{6,12}})(?!\d)")),
)

#: 困难、就医、钱与难以启齿的事：走私密道（产品说明第 5 节）
_PRIVATE = re.compile(
    "(?:家庭|经济|生活|家里|家中|手头)(?:很|比较|特别|非常|有点|有些|有)*困难|困难(?:补助|补贴|家庭|学生|生|认定|救助|申请)|"
    "贫困|特困|低保|补助|助学金|助学贷|借钱|借点钱|借[一二两三四五六七八九十百千万\\d]+块?元?钱?给我|借款|贷款|网贷|欠款|欠债|欠钱|还债|债务|还不上|"
    "家境|家里?庭?(?:经济)?条件(?:很|比较|太|特别|实在)?(?:不好|不太好|差|有限)|经济(?:上)?(?:压力|紧张|拮据|负担)|手头紧|"
    "吃不饱|没饭吃|负债|高利贷|(?:校园|裸|套路)贷|花呗|借呗|白条|还不起|借[一二两三四五六七八九十百千万\\d]+(?:块|元)|借笔钱|"
    "(?:需要|申请|想找|受)资助|资助我|下岗|破产|"
    "没钱|缺钱|钱不够|交不起|付不起|买不起|吃不起|看不起病|学费|生活费|住宿费|医药费|医疗费|手术费|欠薪|拖欠工资|讨薪|失业|"
    "生病|患病|得病|重病|大病|病重|住院|看病(?!房|历)|就医|手术|化疗|癌|肿瘤|白血病|残疾|确诊|抑郁|焦虑症|双相|躁郁|精神科|心理医生|心理咨询|"
    "看医生|骨折|艾滋|(?<![a-z])hiv(?![a-z])|性病|失眠|心理(?:有?问题|疾病|障碍|压力|老师|援助|治疗)|"
    "怀孕|流产|堕胎|打胎|人流(?!量|如|高|密|拥|最|多|大)|被.{0,4}(?:跟踪|偷拍|威胁|勒索|孤立|排挤|欺负|骚扰|殴打)|家暴|性侵|强奸|猥亵|性骚扰|霸凌|校园暴力|被骗"
)

#: 含这些字却不是求助的说法，先拿掉再看
_HARMLESS = re.compile(
    "跳楼(?:机|价|大?甩卖|大?减价|大?促销|大?清仓|特价|大?处理)|自杀(?:式|小队|率|冰)|(?:预防|防止|防|反)自杀|自杀(?:预防|干预)|轻生活|上吊(?:桥|灯|床|扇)|"
    "想死(?:你|您|他们|她们|妈|爸|奶|爷|家|我了)"
)
_ALIVE = "(?:真的?|太|好|也|都|还|已经|感觉|觉得|实在|根本|完全|一点都?|越来越)*"
#: 自伤自杀的说法；宁可多惊动一次值守人，也不漏掉一个人
_CRISIS = re.compile(
    "自鲨|(?<!来)自s(?![a-z])|自我了断|一了百了|(?:楼|桥|天台|阳台|窗)(?:上|顶|边|口|户)?跳下去|割自己(?![的种])|(?:割|划)(?:手臂|胳膊)|划手腕|"
    "(?:吃|吞|服)(?:了|下)?(?:很多|好多|一瓶|一把|一整瓶|整瓶|大量|过量)安眠药|(?:想|要)结束(?:掉)?这一切|"
    "想消失(?!的)|不想存在|活着(?:好|太|真|很)累|(?<![得的])我死了(?:会|他|她|你|大家|是不是)|"
    "自杀|轻生|寻死|寻短见|割腕|割脉|割手腕|跳楼|跳河|跳江|跳桥|跳湖|上吊|烧炭|自尽|自缢|自残|自伤|自我伤害|伤害自己|遗书|"
    "不想(?:再|继续)?(?:活|活着)(?!动|泼|跃)|(?:活|撑|熬)不下去|不想(?:再)?(?:醒来|醒过来)|活(?:够|腻)了|活不了了|"
    f"活着{_ALIVE}(?:没|没有|无|毫无)(?:什么|啥|任何)?(?:意思|意义|劲|希望|价值|盼头)|"
    "没有?(?:勇气|理由|动力|必要|意义)(?:再|继续)?活(?:着|下去)|(?:没有?|失去)活(?:着|下去)的?(?:意义|理由|勇气|动力|必要|希望)|"
    "(?:结束|了结|了断|终结)(?:掉|了)?(?:自己|我)?的?(?:这条|这)?(?:生命|性命|此生|自己)|"
    "想(?:要)?(?:离开|告别)(?:这个|这)?(?:世界|人世|人间)|杀(?:了|死|掉)(?:我)?自己|弄死自己|"
    "(?:不如|干脆|宁愿|宁可)(?:就|去)?死|死了算了|死了(?:就|才)(?:好|解脱)|一死了之|(?<![不理梦])想(?:要|去)?死|"
    "(?:安眠药|农药|药)自尽|吞(?:了)?(?:安眠)?药|喝(?:了)?农药|(?:想|要|去)紫砂(?!壶|杯|锅|茶)|"
    "suicide|suicidal|killmyself|wanttodie|endmylife"
)
_TRADITIONAL = str.maketrans(
    "殺樓輕結斷離開這個沒還燒繼續無終藥農遺書殘傷義勇氣過來寧願乾脆歲給為",
    "杀楼轻结断离开这个没还烧继续无终药农遗书残伤义勇气过来宁愿干脆岁给为",
)


def tidy(text: str) -> str:
    """去掉存不下的和看不见的字，其余一字不改；CQ 码、花括号都只是文字。"""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", clean(text))).strip()


def mask(text: str) -> str:
    """电话、证件号、卡号、邮箱和社交账号换成 `〔电话已隐去〕` 这样的字样。"""
    folded, origin = _fold(text)
    hidden: list[tuple[int, int, str]] = []
    for label, pattern in _NUMBERS:
        for found in pattern.finditer(folded):
            start, end = found.span(found.lastindex or 0)
            hidden.append((start, end, label))
            folded = folded[:start] + "\0" * (end - start) + folded[end:]
    for start, end, label in sorted(hidden, reverse=True):
        text = f"{text[: origin[start]]}〔{label}已隐去〕{text[origin[end - 1] + 1 :]}"
    return text


def lane_of(text: str) -> WishLane:
    """该走哪条道：危机求助最先，其次困难、就医、钱，其余上墙。"""
    core = "".join(char for char in _fold(text[:MAX_HEARD])[0].translate(_TRADITIONAL) if char.isalnum())
    if _CRISIS.search(_HARMLESS.sub("，", core)):
        return WishLane.CRISIS
    return WishLane.PRIVATE if _PRIVATE.search(core) else WishLane.WALL


def sentence(text: str, *, example: str | None = None) -> str:
    """一句附言：洗净、隐去号码；太长是 `Refusal`，`example` 给了就不能为空。"""
    text = tidy(text)
    if not text and example:
        raise Refusal(f"请写一句话，例如：{example}")
    if len(text) > MAX_LENGTH:
        raise Refusal(f"这句话有点长（{len(text)} 字），请说到 {MAX_LENGTH} 字以内。")
    return mask(text)


def check_length(text: str, noun: str, *, example: str, later: str) -> None:
    """正文不能空、不能超过 200 字，否则 `Refusal`；`later` 是说不完的以后怎么办。"""
    if not text:
        raise Refusal(f"{noun}还没写内容呢，例如：{example}")
    if len(text) > MAX_LENGTH:
        raise Refusal(f"{noun}有点长（{len(text)} 字），请说到 {MAX_LENGTH} 字以内，{later}。")


def digest(text: str) -> str:
    """不分全半角、大小写、空白的带钥匙指纹，认重复用；看不出原文。"""
    core = "".join(_fold(text)[0].split())
    return blake2b(core.encode(), digest_size=16, key=settings().digest_key).hexdigest()


def _fold(text: str) -> tuple[str, list[int]]:
    """逐字 NFKC、小写、各种文字的数字写成 0–9 之后的文字，和每个字来自原文第几个字。"""
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        piece = unicodedata.normalize("NFKC", char).lower()
        piece = "".join(str(unicodedata.decimal(one, one)) for one in piece)
        folded.append(piece)
        origin += [index] * len(piece)
    return "".join(folded), origin
