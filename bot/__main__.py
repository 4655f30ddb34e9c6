"""命令行 `tuanbot`。出错只说一句话，退出状态 2；名册有错、演出走样是 1。"""

# ruff: noqa: E402 先放宽回收再装载
import gc

# 年轻代回收太勤很费时间：突发时实测放宽后快 1.5–2.5 倍，启动也少花一成
gc.set_threshold(50_000, 20, 50)

import asyncio
import importlib
import os
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from tortoise.exceptions import OperationalError

import db
from bot import clock, setting_up, try_outs
from bot.findings import Verdict
from bot.keeping import keeping
from bot.league.errors import Refusal
from bot.ports import must_be_free
from bot.settings import Settings, settings

A = TypeVar("A")

cli = typer.Typer(
    name="tuanbot",
    help="团团：团干部“1+100”联系青年的群助手。",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """控制台入口：意料之中的错只说一句话。写下的文件只有本人可读：库、备份、名册里都有账号。"""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # Windows 上存进文件时是 GBK，没有 ✓ 这个字
            stream.reconfigure(errors="replace")
    if sys.argv[1:] != ["run"]:
        _speak_chinese()
    try:
        cli()
    except Refusal as refusal:
        _give_up(refusal.sentence)
    except db.DatabaseInUse as error:
        _give_up(f"数据库 {error} 正被另一个进程用着，多半是团团正在运行；先停下它再来。")
    except db.DatabaseTooNew as error:
        _give_up(f"数据库比程序新（{error}）：升级程序，或用 tuanbot restore 放回升级前的备份。")
    except PermissionError as error:
        _give_up(f"{error.filename} 不让动：多半是别的账号（如 root）建的，用 chown 改成启动团团的那个账号的。")
    except db.UNREACHABLE as error:
        _give_up(f"打不开：{error}；tuanbot doctor 会逐项看，说怎么治。")
    except (OperationalError, sqlite3.DatabaseError) as error:
        if not (sentence := _about_database(str(error))):
            raise
        _give_up(sentence)
    except ValidationError as error:
        _give_up(setting_up.what_is_wrong(error))


def _about_database(error: str) -> str | None:
    """库写不进、读不懂、不让写时怎么说；别的是程序的错，不瞒着。"""
    if re.search(r"not a database|malformed", error):
        return f"数据库文件坏了（{error}）：停下团团，用 tuanbot restore 放回最近的备份。"
    if "permission denied" in error:
        return f"数据库不让这个账号建表（{error}）：请管它的人把库交给这个账号：ALTER DATABASE 库名 OWNER TO 账号。"
    if re.search(r"disk is full|disk I/O|readonly|unable to open|locked", error):
        return f"数据库写不进去（{error}）：看看磁盘满没满、数据目录让不让写，tuanbot doctor 会说怎么治。"
    return None


def _speak_chinese() -> None:
    """帮助与“写错了”的标题换成中文；排版的库装载很慢，光是 `run` 用不着。"""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.ERRORS_PANEL_TITLE = "写错了"


@cli.command()
def run() -> None:
    """启动，一直运行。"""
    _start()


def _known() -> Settings:
    """已经约好的端口与令牌不换，免得另一头还要改；别的写坏了，当没写过。"""
    try:
        return settings()
    except ValidationError:
        port, token = setting_up.agreed(Path(".env"))
        return Settings.model_construct(port=port or Settings.model_fields["port"].default, onebot_access_token=token)


def _own_name(known: Settings) -> str | None:
    """从前写过的单位名称；默认的那个是示例，不算。"""
    return known.organisation if known.organisation != Settings.model_fields["organisation"].default else None


def _ask(question: str, given: str | None, read: Callable[[str], A], default: str | None = None) -> A:
    """问到答对为止；命令行里给了的不再问，不对就说一句停下。"""
    if given is not None:
        return read(given)
    while True:
        try:
            return read(typer.prompt(question, default or None))
        except Refusal as refusal:
            typer.echo(refusal.sentence)
        except typer.Abort:
            raise Refusal("\n停下了，什么也没写。想好了再来：tuanbot setup") from None


@cli.command()
def setup(
    *,
    platform: Annotated[str | None, typer.Option(help="QQ、微信 或 都连")] = None,
    port: Annotated[str | None, typer.Option(help="监听哪个端口")] = None,
    token: Annotated[str | None, typer.Option(help="访问令牌")] = None,
    superuser: Annotated[str | None, typer.Option(help="超级管理员的账号")] = None,
    organisation: Annotated[str | None, typer.Option(help="单位名称")] = None,
    wait: Annotated[bool, typer.Option(help="写好就启动，等账号连上来打招呼")] = True,
) -> None:
    """问五个问题，写好 .env，告诉你在 NapCat、LLBot 里填什么，再等账号连上来。"""
    known = _known()

    def read_port(text: str) -> int:
        found = setting_up.read_port(text)
        if wait:  # 马上就要用它
            must_be_free(known.host, found)
        return found

    answers = setting_up.Answers(
        _ask("连哪个平台（QQ、微信、都连）", platform, setting_up.read_platform, "QQ"),
        _ask("监听哪个端口", port, read_port, str(known.port)),
        _ask(
            "访问令牌，回车就用这一串",
            token,
            setting_up.read_token,
            known.onebot_access_token or setting_up.new_token(),
        ),
        _ask(
            "超级管理员的账号（你的 QQ 号）", superuser, setting_up.read_superusers, ",".join(sorted(known.superusers))
        ),
        _ask("单位名称，如 示例大学团委", organisation, setting_up.read_organisation, _own_name(known)),
    )
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
    from bot.doctor import examine  # 装载慢，体检时才要

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
    from bot import app  # 连着 NoneBot，装载慢，启动时才要

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


cli.add_typer(keeping)  # 没有名字：这几条和上面的平起平坐


def _port_to_try(*, staying: bool) -> int:
    """要留下来给人看的用说好的端口，换了就说一声；演完就停的随便找一个。"""
    port = try_outs.port(preferred=try_outs.PORT if staying else None)
    if staying and not os.environ.get("PORT") and port != try_outs.PORT:
        typer.echo(f"{try_outs.PORT} 正被别的程序用着，换成 {port}。")
    return port


def _start(*, greeting: bool = False) -> None:
    from bot import app  # 连着 NoneBot，装载慢，启动时才要

    settings().check()
    must_be_free(settings().host, settings().port)
    app.run(greeting=greeting)


def _give_up(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
