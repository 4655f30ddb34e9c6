"""素材包：一个压缩包，里面一份正文、一张活动清单。"""

import csv
import io
import zipfile

from bot.league.materials import Event, Pack
from bot.league.roster import Speaker

#: 压缩包里的时间都写成它：同样的内容，同样的字节
_EPOCH = (1980, 1, 1, 0, 0, 0)


def agreed(by: Speaker) -> str:
    """记下了，说清用什么、不用什么。"""
    what = "你的姓名和青年写你的事迹" if by.is_cadre else "你自己写的推荐和办成了的心愿，只写“一位青年”，不写你是谁"
    return f"记下了，今年的宣传素材可以用{what}。困难、看病、钱的事一概不用。改主意发 /素材 不同意"


def file_name(found: Pack) -> str:
    """文件叫什么。"""
    return f"{found.unit.name}{found.year}素材.zip"


def file(found: Pack) -> bytes:
    """打成一个包。"""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in (("素材.txt", text(found).encode()), ("活动.csv", _table(found).encode("utf-8-sig"))):
            box.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def text(found: Pack) -> str:
    """正文：活动、人物、心愿，和这份材料里有什么、没有什么。"""
    lines = [f"{found.unit.name} {found.year} 年宣传素材", "", "一、青年确认过的活动"]
    lines += [event(one) for one in found.events] or ["（没有）"]
    lines += ["", "二、同意写上姓名的团干部"]
    for story in found.stories:
        lines.append(f"{story.cadre}（{story.unit}）")
        lines += [f"一位青年说：“{said}”" for said in story.texts] or ["青年推荐，原话没有同意公开"]
    if not found.stories:
        lines.append("（没有）")
    lines += ["", f"三、青年确认办成的心愿 {len(found.granted)} 件：{'、'.join(found.granted) or '（没有）'}"]
    lines += [f"一位青年想要：“{said}”，办成了" for said in found.wishes]
    lines += ["", _ABOUT]
    return "\n".join(lines)


_ABOUT = (
    "说明：姓名、原话都是本人为宣传另外点了头的，只限今年；青年一律不写姓名。没有点头的、匿名的、"
    "困难看病和钱的事、集中服务青年月的走访，这里都没有。发表之前请再问一次本人；有人撤回，请不要再用。"
)


def event(one: Event) -> str:
    """一场活动一行；不足 5 人的不写人数。"""
    people = f"，{one.people} 人到场或确认" if one.people else ""
    place = f"，{one.place}" if one.place else ""
    return f"{one.day:%Y-%m-%d} {one.title}（{one.number}，{one.unit}{place}{people}）"


def _table(found: Pack) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["编号", "活动", "日期", "地点", "单位", "到场或确认，人"])
    for one in found.events:
        # 表格软件会把 = + - @ 开头的当公式
        cells = [one.number, one.title, f"{one.day:%Y-%m-%d}", one.place or "", one.unit, one.people or ""]
        sheet.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" and cell else cell for cell in cells])
    return out.getvalue()
