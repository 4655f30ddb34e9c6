"""命令行里照看数据的那几条：名册进出、升级、重算、备份与恢复、没送成的通知。"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

import db
from bot import backups, clock, notice_tables
from bot.league import imports, rankings, roster_exports, roster_files, undelivered
from bot.league.errors import Refusal
from bot.notice_tables import Which
from bot.settings import settings

T = TypeVar("T")

keeping = typer.Typer()


@keeping.command("import")
def import_(
    path: Annotated[Path | None, typer.Argument(help="名册：一个 xlsx，或一个放 csv 的文件夹")] = None,
    template: Annotated[Path | None, typer.Option(help="写一张空表到这里")] = None,
) -> None:
    """导入名册；有一行不对就一行也不动，并逐行说明哪里不对。"""
    if template:
        imports.write_template(template)
        typer.echo(f"空表写好了：{template}。填好后 tuanbot import {template}")
        return
    if not path:
        raise Refusal(
            "要导入哪个文件？例如 tuanbot import 名册.xlsx；先要一张空表用 tuanbot import --template 名册.xlsx"
        )

    async def load() -> imports.ImportReport:
        await _migrate()
        return await imports.import_roster(path, at=clock.now())

    try:
        typer.echo(_with_database(load).text)
    except imports.ImportRefused as refusal:
        _show(refusal.problems)
        raise typer.Exit(1) from None


@keeping.command("export")
def export_(path: Annotated[Path, typer.Argument(help="写到哪个 xlsx")]) -> None:
    """导出名册；改好能再导入，原样再导什么也不变。"""
    if path.suffix.lower() != ".xlsx":
        raise Refusal("导出的是 .xlsx，例如 tuanbot export 名册.xlsx")
    if path.exists():
        raise Refusal(f"{path} 已经有了，换个名字，免得盖掉你改过的。")

    async def collect() -> roster_exports.Exported:
        await _migrate()
        tops = await roster_exports.everywhere()
        return await roster_exports.export(tops, at=clock.now())

    exported = _with_database(collect)
    roster_files.write(path, exported.tables)
    lines = "，".join(f"{sheet} {len(rows)} 行" for sheet, rows in exported.tables.items())
    skipped = f"；{exported.skipped} 位没有账号或姓名，写不进表" if exported.skipped else ""
    typer.echo(f"写好了：{path}（{lines}{skipped}）。里面有账号，别随手转发。")


@keeping.command()
def migrate() -> None:
    """升级数据库（启动时也会自动做）。"""
    done = _with_database(_migrate)
    typer.echo("\n".join(f"已升级：{name}" for name in done) or "已经是最新的。")


@keeping.command()
def rebuild() -> None:
    """删掉积分与名次，由事实重算，结果应当不变。"""

    async def recompute() -> None:
        await _migrate()
        await rankings.rebuild(at=clock.now())

    _with_database(recompute)
    typer.echo("积分与名次已由事实重算。")


@keeping.command()
def backup(
    folder: Annotated[Path | None, typer.Argument(help="放到哪个目录；不给就放在数据目录的 backups 里")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="只留最新的几个，旧的删掉")] = None,
) -> None:
    """备份成一个压缩包；团团开着也行。"""
    made = backups.back_up(settings(), folder or settings().data_dir / "backups", at=clock.now(), keep=keep)
    typer.echo(f"备份好了：{made}。里面有个人数据，带到别处前先加密。")


@keeping.command()
def restore(archive: Annotated[Path, typer.Argument(help="tuanbot backup 写的压缩包")]) -> None:
    """从备份恢复；要先停下团团，原来的库改名留着。"""
    aside = backups.restore(settings(), archive, at=clock.now())
    typer.echo("\n".join(["恢复好了，现在可以启动了。", *(f"原来的留在 {path}" for path in aside)]))


@keeping.command("notices")
def notices_(
    state: Annotated[list[Which] | None, typer.Option(help="看哪些，可以写几次；不写就是前三种")] = None,
    kind: Annotated[str, typer.Option(help="只看这个种类，或这样开头的，如 wish.")] = "",
    retry: Annotated[list[str] | None, typer.Option(help="重送哪几条，如 12,13；说不清的可能会说两遍")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="作废哪几条")] = None,
) -> None:
    """看没送成的通知，重送或作废。团团开着时要用 PostgreSQL。"""
    if retry and drop:
        raise Refusal("重送与作废一次只做一样。")

    async def act() -> None:
        await _migrate()
        if retry:
            count = await undelivered.retry(notice_tables.numbers(retry), at=clock.now())
            typer.echo(f"{count} 条放回去了，团团开着就会再送。")
        elif drop:
            typer.echo(f"{await undelivered.drop(notice_tables.numbers(drop), at=clock.now())} 条作废了。")
        elif table := await notice_tables.shown(state or notice_tables.USUAL, kind, at=clock.now()):
            from rich.console import Console  # 装载慢，画表时才要

            Console(highlight=False).print(table)
        else:
            typer.echo("没有这样的通知。")

    try:
        _with_database(act)
    except db.DatabaseInUse:
        raise Refusal(
            "团团正开着，SQLite 的库只给它一个用。私聊它发 /状态 看，/状态 重送 12 重送；或停下它再来。"
        ) from None


async def _migrate() -> list[str]:
    """升级并连上。"""
    done = await db.migrate(settings().db_url)
    await db.connect(settings().db_url)
    return done


def _with_database(work: Callable[[], Awaitable[T]]) -> T:
    """做完一定断开；不断开的连接会让进程退不出去。"""

    async def guarded() -> T:
        try:
            return await work()
        finally:
            await db.close()

    return asyncio.run(guarded())


def _show(problems: list[imports.Problem]) -> None:
    from rich.console import Console  # 装载慢，画表时才要
    from rich.table import Table
    from rich.text import Text

    title = f"{len(problems)} 处不对，一行也没有导入；改好再来"
    table = Table("表", "行", "哪里不对", title=title, title_justify="left")
    for problem in problems:
        table.add_row(problem.sheet, str(problem.row), Text(problem.reason))
    Console(stderr=True, highlight=False).print(table)
