"""素材包：一个压缩包，里面一份 Word、一张活动清单。"""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from bot.cards import Heading, Paper, Paragraph, Sheet, write_word, write_workbook
from bot.league.materials import Event, Pack
from bot.league.periods import local
from bot.league.roster import Speaker

#: 压缩包里的时间都写成它：同样的内容，同样的字节
_EPOCH = (1980, 1, 1, 0, 0, 0)

ABOUT = (
    "姓名、原话都是本人为宣传另外点了头的，只限今年；青年一律不写姓名。没有点头的、匿名的、"
    "困难看病和钱的事、集中服务青年月的走访，这里都没有。发表之前请再问一次本人；有人撤回，请不要再用。"
)


def agreed(by: Speaker) -> str:
    """记下了，说清用什么、不用什么。"""
    what = "你的姓名和青年写你的事迹" if by.is_cadre else "你自己写的推荐和办成了的心愿，只写“一位青年”，不写你是谁"
    return f"记下了，今年的宣传素材可以用{what}。困难、看病、钱的事一概不用。改主意发 /素材 不同意"


def file_name(found: Pack) -> str:
    """文件叫什么。"""
    return f"{found.unit.name}{found.year}素材.zip"


def file(found: Pack, *, at: datetime) -> bytes:
    """打成一个包。"""
    paper = document(found, at=at)
    columns = ["编号", "活动", "日期", "地点", "单位", "到场或确认，人"]
    events = Sheet("活动", columns, [_cells(one) for one in found.events])
    sheet = write_workbook([events], title=paper.one_line_title, author=paper.signer, day=paper.day)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in (("素材.docx", write_word(paper)), ("活动.xlsx", sheet)):
            box.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def document(found: Pack, *, at: datetime) -> Paper:
    """正文：活动、人物、心愿，和这份材料里有什么、没有什么。"""
    return Paper(
        title=f"{found.unit.name}\n{found.year}年宣传素材",
        addressee="宣传部",
        blocks=list(_blocks(found)),
        signer=found.unit.name,
        day=local(at).date(),
    )


def _blocks(found: Pack) -> Iterator[Heading | Paragraph]:
    yield Heading(1, "青年确认过的活动")
    yield from (Paragraph(_event(one)) for one in found.events)
    if not found.events:
        yield Paragraph("没有。")
    yield Heading(1, "同意写上姓名的团干部")
    for story in found.stories:
        yield Heading(2, f"{story.cadre}（{story.unit}）")
        yield from (Paragraph(f"一位青年说：“{said}”") for said in story.texts)
        if not story.texts:
            yield Paragraph("青年推荐，原话没有同意公开。")
    if not found.stories:
        yield Paragraph("没有。")
    yield Heading(1, "青年确认办成的心愿")
    yield Paragraph(f"共 {len(found.granted)} 件：{'、'.join(found.granted)}。" if found.granted else "没有。")
    yield from (Paragraph(f"一位青年想要：“{said}”，办成了。") for said in found.wishes)
    yield Heading(1, "说明")
    yield Paragraph(ABOUT)


def _event(one: Event) -> str:
    """一场活动一行；不足 5 人的不写人数。"""
    people = f"，{one.people} 人到场或确认" if one.people else ""
    place = f"，{one.place}" if one.place else ""
    return f"{one.day.year}年{one.day.month}月{one.day.day}日 {one.title}（{one.number}，{one.unit}{place}{people}）。"


def _cells(one: Event) -> list[str | int]:
    return [one.number, one.title, f"{one.day:%Y-%m-%d}", one.place or "", one.unit, one.people or "不足 5 人"]
