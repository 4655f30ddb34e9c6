"""把演出的经过印在屏幕上：像手机里的聊天；给脚本看时一条一行、没有颜色。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Column, Table
from rich.text import Text

from plugins.sandbox.people import Member, Part

_COLOURS = {Part.ADMIN: "yellow", Part.CADRE: "cyan", Part.YOUTH: "green", Part.INSPECTOR: "magenta"}


class Style(StrEnum):
    """印成什么样。"""

    CHAT = "chat"  # 彩色，给人看
    SCRIPT = "script"  # 一条一行，给脚本看
    QUIET = "quiet"  # 只要结果


@dataclass(frozen=True)
class Sheet:
    """一张小表。"""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Screen:
    """印聊天、印表、印结果。"""

    def __init__(self, style: Style) -> None:
        self.style = style
        self._console = Console(highlight=False, no_color=style is not Style.CHAT or None, soft_wrap=False)
        self._where = ""

    def scene(self, title: str, at: datetime) -> None:
        """开一场。"""
        when = f"{at:%m-%d %H:%M}"
        if self.style is Style.SCRIPT:
            self._plain(f"== {title}（{when}）")
        elif self.style is Style.CHAT:
            self._console.print()
            self._console.print(Rule(Text(f" {title} · {when} ", style="bold"), style="dim"))
        self._where = ""

    def said(self, by: Member, where: str, text: str, at: datetime) -> None:
        """有人说了一句。"""
        if self.style is Style.SCRIPT:
            self._plain(f"{at:%H:%M} [{where}] {by.name}: {_one_line(text)}")
        elif self.style is Style.CHAT:
            self._enter(where)
            self._console.print(
                Text.assemble((f"{at:%H:%M} ", "dim"), (f"{by.name} ", f"bold {_COLOURS[by.part]}"), text)
            )

    def answered(self, where: str, text: str, pictures: Sequence[Path], at: datetime) -> None:
        """机器人说了一句；图片已经存好。"""
        lines = [*([text] if text else []), *(f"〔图片 {picture.name}〕" for picture in pictures)]
        if self.style is Style.SCRIPT:
            self._plain(f"{at:%H:%M} [{where}] 团团: {_one_line(' '.join(lines))}")
        elif self.style is Style.CHAT:
            self._enter(where)
            bubble = Panel(
                Text("\n".join(lines)),
                title=f"团团 {at:%H:%M}",
                title_align="left",
                box=ROUNDED,
                border_style="magenta",
                expand=False,
            )
            self._console.print(Padding(bubble, (0, 0, 0, 6)))

    def aside(self, text: str) -> None:
        """旁白。"""
        if self.style is Style.SCRIPT:
            self._plain(f"-- {_one_line(text)}")
        elif self.style is Style.CHAT:
            self._console.print(Padding(Text(text, style="italic dim"), (0, 0, 0, 2)))
            self._where = ""

    def unmet(self, title: str, detail: str) -> None:
        """一件没有如期发生的事；任何样式都印。"""
        text = f"✗ {title}" + (f"：{detail}" if detail else "")
        self._console.print(Text(_one_line(text), style="bold red"), soft_wrap=True)

    def met(self, title: str, *, minor: bool) -> None:
        """一件如期发生的事。"""
        if self.style is Style.SCRIPT:
            self._plain(f"ok {title}")
        elif self.style is Style.CHAT and not minor:
            self._console.print(Text(f"  ✓ {title}", style="green"))

    def sheet(self, sheet: Sheet) -> None:
        """印一张表。"""
        if self.style is Style.SCRIPT:
            self._plain(f"# {sheet.title}")
            for row in sheet.rows:
                self._plain("\t".join(_one_line(cell) for cell in row))
        elif self.style is Style.CHAT:
            # 汉字之间没有空白，窄屏上照字折行，不省略
            columns = [Column(name, overflow="fold") for name in sheet.columns]
            table = Table(*columns, title=sheet.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
            for row in sheet.rows:
                table.add_row(*(Text(cell) for cell in row))
            self._console.print(table)

    def summary(self, text: str, *, good: bool) -> None:
        """最后一句；任何样式都印。"""
        self._console.print(Text(text, style="bold green" if good else "bold red"), soft_wrap=True)

    def _enter(self, where: str) -> None:
        if where != self._where:
            self._console.print(Text(f"〔{where}〕", style="blue"))
            self._where = where

    def _plain(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


def _one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")
