"""命令行 `tuanbot`。出错只说一句话，退出状态 2；名册有错、演出走样是 1。"""

import asyncio
import importlib
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
import typer.rich_utils
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tortoise.exceptions import DBConnectionError

import db
from bot import app, backups, clock, notice_tables, setting_up, try_outs
from bot.doctor import Verdict, examine
from bot.league import imports, rankings, roster_exports, roster_files, undelivered
from bot.league.errors import Refusal
from bot.notice_tables import Which
from bot.ports import must_be_free
from bot.setting_up import Platform
from bot.settings import settings

T = TypeVar("T")

typer.rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
typer.rich_utils.OPTIONS_PANEL_TITLE = "选项"
typer.rich_utils.COMMANDS_PANEL_TITLE = "命令"
typer.rich_utils.ERRORS_PANEL_TITLE = "写错了"

cli = typer.Typer(
    name="tuanbot",
    help="团团：团干部“1+100”联系青年的群助手。",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """控制台入口：意料之中的错只说一句话。"""
    try:
        cli()
    except Refusal as refusal:
        _give_up(refusal.sentence)
    except db.DatabaseInUse as error:
        _give_up(f"数据库 {error} 正被另一个进程用着，多半是团团正在运行；先停下它再来。")
    except (DBConnectionError, OSError) as error:
        _give_up(f"打不开：{error}")
    except ValidationError as error:
        wrong = {str(problem["loc"][0]).upper(): problem["input"] for problem in error.errors()}
        _give_up(
            f"设置不对：{'、'.join(f'{name}={value}' for name, value in wrong.items())}，该怎么写见 .env.example。"
        )


@cli.command()
def run() -> None:
    """启动，一直运行。"""
    _start()


def _known_token() -> str:
    """已经约好的不换，免得另一头还要改。"""
    return settings().onebot_access_token or setting_up.new_token()


@cli.command()
def setup(
    *,
    platform: Annotated[Platform, typer.Option(prompt="连哪个平台")] = Platform.QQ,
    port: Annotated[int, typer.Option(prompt="监听哪个端口", default_factory=lambda: settings().port)],
    token: Annotated[str, typer.Option(prompt="访问令牌，回车就用这一串", default_factory=_known_token)],
    superuser: Annotated[str, typer.Option(prompt="超级管理员的账号（你的 QQ 号）")],
    organisation: Annotated[str, typer.Option(prompt="单位名称，如 示例大学团委")],
    wait: Annotated[bool, typer.Option(help="写好就启动，等账号连上来打招呼")] = True,
) -> None:
    """问五个问题，写好 .env，告诉你在 NapCat、LLBot 里填什么，再等账号连上来。"""
    answers = setting_up.Answers(platform, port, token, superuser, organisation)
    kept = setting_up.write_env(Path(".env"), answers)
    typer.echo(f"\n写好了 {Path('.env').absolute()}" + (f"，原来的留成 {kept.name}" if kept else "") + "。\n")
    typer.echo(setting_up.what_to_paste(answers))
    if wait:
        settings.cache_clear()
        typer.echo("\n填好、启用之后回到这里，我等它连上来……（Ctrl+C 停）")
        _start(greeting=True)


@cli.command()
def doctor() -> None:
    """体检：版本、端口、令牌、库、时钟、磁盘、字体、账号，不好的都说怎么治。"""
    findings = list(examine(settings(), at=clock.now()))
    for finding in findings:
        typer.echo(f"{finding.verdict} {finding.subject}：{finding.said}")
        if finding.remedy:
            typer.echo(f"    → {finding.remedy}")
    raise typer.Exit(1 if any(finding.verdict is Verdict.BAD for finding in findings) else 0)


@cli.command("try")
def try_(
    script: Annotated[bool, typer.Option("--script", help="给脚本看：一条一行，没有颜色，演完就停")] = False,
    seed: Annotated[int, typer.Option(help="换一批账号、座次和快慢；同一个数，同样的输出")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="只看结论，演完就停")] = False,
    out: Annotated[Path | None, typer.Option(help="图片存到哪个目录；不给就存到临时目录")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="演完不替你打开浏览器")] = False,
) -> None:
    """演一个下午给你看，再请你在浏览器里接着玩；有一件事没如期发生，退出状态就是 1。"""
    folder = out.absolute() if out else Path(tempfile.mkdtemp(prefix="tuanbot-try-"))
    folder.mkdir(parents=True, exist_ok=True)
    staying = not (script or quiet)
    port = _port_to_try(staying=staying)
    with try_outs.room() as data:
        os.environ.update(try_outs.throwaway(data, port))
        app.build()
        # 插件在上层，这里不能 import 它，只能请 NoneBot 找来
        sandbox = importlib.import_module("plugins.sandbox.play")
        style = sandbox.Style.QUIET if quiet else sandbox.Style.SCRIPT if script else sandbox.Style.CHAT
        guests = sandbox.Guests(f"http://127.0.0.1:{port}/try", open_browser=not no_open) if staying else None
        try:
            good: bool = asyncio.run(sandbox.play(seed=seed, out=folder, style=style, guests=guests))
        except asyncio.CancelledError:
            good = False  # 演到一半叫停的
    raise typer.Exit(0 if good else 1)


@cli.command("import")
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


@cli.command("export")
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


@cli.command()
def migrate() -> None:
    """升级数据库（启动时也会自动做）。"""
    done = _with_database(_migrate)
    typer.echo("\n".join(f"已升级：{name}" for name in done) or "已经是最新的。")


@cli.command()
def rebuild() -> None:
    """删掉积分与名次，由事实重算，结果应当不变。"""

    async def recompute() -> None:
        await _migrate()
        await rankings.rebuild(at=clock.now())

    _with_database(recompute)
    typer.echo("积分与名次已由事实重算。")


@cli.command()
def backup(
    folder: Annotated[Path | None, typer.Argument(help="放到哪个目录；不给就放在数据目录的 backups 里")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="只留最新的几个，旧的删掉")] = None,
) -> None:
    """备份成一个压缩包；团团开着也行。"""
    made = backups.back_up(settings(), folder or settings().data_dir / "backups", at=clock.now(), keep=keep)
    typer.echo(f"备份好了：{made}。里面有个人数据，带到别处前先加密。")


@cli.command()
def restore(archive: Annotated[Path, typer.Argument(help="tuanbot backup 写的压缩包")]) -> None:
    """从备份恢复；要先停下团团，原来的库改名留着。"""
    aside = backups.restore(settings(), archive, at=clock.now())
    typer.echo("\n".join(["恢复好了，现在可以启动了。", *(f"原来的留在 {path}" for path in aside)]))


@cli.command("notices")
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
        elif table := await notice_tables.shown(
            state or [Which.FAILED, Which.UNKNOWN, Which.HELD], kind, at=clock.now()
        ):
            Console(highlight=False).print(table)
        else:
            typer.echo("没有这样的通知。")

    try:
        _with_database(act)
    except db.DatabaseInUse:
        raise Refusal(
            "团团正开着，SQLite 的库只给它一个用。私聊它发 /状态 看，/状态 重送 12 重送；或停下它再来。"
        ) from None


def _port_to_try(*, staying: bool) -> int:
    """要留下来给人看的用说好的端口，换了就说一声；演完就停的随便找一个。"""
    port = try_outs.port(preferred=try_outs.PORT if staying else None)
    if staying and not os.environ.get("PORT") and port != try_outs.PORT:
        typer.echo(f"{try_outs.PORT} 正被别的程序用着，换成 {port}。")
    return port


def _start(*, greeting: bool = False) -> None:
    settings().check()
    must_be_free(settings().host, settings().port)
    app.run(greeting=greeting)


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
    title = f"{len(problems)} 处不对，一行也没有导入；改好再来"
    table = Table("表", "行", "哪里不对", title=title, title_justify="left")
    for problem in problems:
        table.add_row(problem.sheet, str(problem.row), Text(problem.reason))
    Console(stderr=True, highlight=False).print(table)


def _give_up(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
