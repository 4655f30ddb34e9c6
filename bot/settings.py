"""全部设置：名字、类型、默认值、含义。读环境变量与当前目录的 `.env`，环境变量优先。"""

import os
import re
import secrets
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.league.errors import Refusal
from db.models import Scope

_COMMAS = re.compile(r"[,，、\s]+")


class Extra(StrEnum):
    """另装的平台。"""

    WXMP = "wxmp"
    SATORI = "satori"


class Settings(BaseSettings):
    """前五项是 NoneBot 自己的名字，其余以 `TUAN_` 开头；说明同 `.env.example`。"""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    #: 监听地址；不是本机地址时必须设访问令牌
    host: str = "127.0.0.1"
    #: 监听端口，OneBot 实现反向连接到这里
    port: int = Field(8080, ge=1, le=65535)
    #: 超级管理员账号，JSON 列表
    superusers: set[str] = set()
    #: 与 OneBot 实现约定的访问令牌
    onebot_access_token: str | None = None
    #: 正向连接的地址（OneBot 实现作服务端时），JSON 列表
    onebot_ws_urls: set[str] = set()
    #: 同上，说 OneBot V12 的（多半是微信）
    onebot_v12_ws_urls: set[str] = set()
    #: 公众号，JSON 列表：appid 与后台里填的令牌 token
    wxmp_bots: list[dict[str, Any]] = []
    #: Satori 的服务端，JSON 列表：host、port、path、token
    satori_clients: list[dict[str, Any]] = []

    #: 另装的平台，逗号分隔：wxmp（公众号）、satori
    adapters: Annotated[tuple[Extra, ...], NoDecode] = Field((), validation_alias="TUAN_ADAPTERS")
    #: 所有数据放在哪个目录
    data_dir: Path = Field(Path("data"), validation_alias="TUAN_DATA_DIR")
    #: 数据库地址；空为数据目录里的 SQLite 文件，也可以是 postgres://…
    database_url: str = Field("", validation_alias="TUAN_DATABASE_URL")
    #: 日期按哪个时区算
    timezone: str = Field("Asia/Shanghai", validation_alias="TUAN_TIMEZONE")
    #: 组织名称，写在群告知和卡片上
    organisation: str = Field("示例大学团委", validation_alias="TUAN_ORGANISATION")
    #: 告知里“有事找谁”
    contact: str = Field("", validation_alias="TUAN_CONTACT")
    #: 值守人账号（危机求助立刻转给他们），逗号分隔，如 qq:10001,wechat:wxid_a；空则转给超级管理员
    duty: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="TUAN_DUTY")
    #: 只试算、不排名的季度，逗号分隔，如 2026Q4；头一季用得上
    shadow_quarters: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="TUAN_SHADOW_QUARTERS")
    #: 让每条群聊都进 NoneBot，给同装的别的插件用；会慢很多
    pass_through: bool = Field(False, validation_alias="TUAN_PASS_THROUGH")

    @field_validator("onebot_access_token", mode="before")
    @classmethod
    def _token_is_text(cls, value: object) -> object:
        """纯数字的令牌也按文字看待。"""
        return str(value) if isinstance(value, int) else value

    @field_validator("superusers", "onebot_ws_urls", "onebot_v12_ws_urls", mode="before")
    @classmethod
    def _members_are_text(cls, value: object) -> object:
        return {str(item) for item in value} if isinstance(value, list | set) else value

    @field_validator("duty", mode="before")
    @classmethod
    def _duty(cls, value: object) -> object:
        """写错一位，求助就没人收到：认不出来不启动。只写数字的是 QQ 号。"""
        if not isinstance(value, str):
            return value
        listed = [part.replace("：", ":") for part in _COMMAS.split(value) if part]
        listed = [f"{Scope.QQ}:{part}" if re.fullmatch(r"[0-9]+", part) else part for part in listed]
        if not all(part.partition(":")[0].lower() in set(Scope) and part.partition(":")[2] for part in listed):
            raise ValueError("写成 qq:号码 或 wechat:wxid")
        return tuple(listed)

    @field_validator("adapters", mode="before")
    @classmethod
    def _extras(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(part.lower() for part in _COMMAS.split(value) if part))

    @field_validator("wxmp_bots")
    @classmethod
    def _official(cls, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """我们只用公众号的被动回复：类型定死，接口密钥用不着。"""
        if not all(one.get("appid") and one.get("token") for one in value):
            raise ValueError("每个公众号要写 appid 和 token")
        return [one | {"type": "official", "secret": "", "callback": None} for one in value]

    @field_validator("shadow_quarters", mode="before")
    @classmethod
    def _quarters(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        quarters = tuple(part.upper() for part in _COMMAS.split(value) if part)
        if not all(re.fullmatch(r"\d{4}Q[1-4]", quarter) for quarter in quarters):
            raise ValueError("季度写作 2026Q4，几季用逗号隔开")
        return quarters

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        value = re.sub(r"^postgresql://", "postgres://", value)
        if value and not value.startswith(("sqlite://", "postgres://")):
            raise ValueError("只认 SQLite 与 PostgreSQL")
        parts = urlsplit(value)
        if parts.scheme == "postgres" and (parts.fragment or not parts.path.strip("/") or parts.port == 0):
            raise ValueError("密码里的特殊字没有换写")  # 端口不是数，读它就抛 ValueError
        if parts.scheme == "sqlite" and (parts.fragment or not parts.netloc + parts.path):
            raise ValueError("没写文件，或者文件名里有 #")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError):
            raise ValueError("没有这个时区") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """`timezone` 对应的时区。"""
        return ZoneInfo(self.timezone)

    @property
    def db_url(self) -> str:
        """实际使用的数据库地址；文件夹名里有在地址里另有意思的字就 `Refusal`，不然库会落到别处。"""
        if self.database_url:
            return self.database_url
        if re.search(r"[#?]", str(folder := self.data_dir.absolute())):
            raise Refusal(
                f"{folder} 的名字里有 # 或 ?，库放不进去：给文件夹换个名字，或在 .env 里换一个 TUAN_DATA_DIR。"
            )
        return f"sqlite://{folder / 'tuanbot.db'}"

    @property
    def digest_key(self) -> bytes:
        """给实质发言取指纹的钥匙，第一次用时生成；只在本机，不进数据库、不进日志。"""
        return _digest_key(self.data_dir.absolute())

    def check(self) -> None:
        """对外监听而不设令牌时，`Refusal` 一句话拒绝启动。"""
        if not is_loopback(self.host) and not self.onebot_access_token:
            raise Refusal(
                f"HOST 是 {self.host}，别的机器也连得上；请先设 ONEBOT_ACCESS_TOKEN，或把 HOST 改回 127.0.0.1。"
            )


def is_loopback(host: str) -> bool:
    """地址是否只有本机连得上。"""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@lru_cache
def _digest_key(directory: Path) -> bytes:
    path = directory / "digest.key"
    directory.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(key := secrets.token_bytes(32))
    return key


@lru_cache
def settings() -> Settings:
    """当前进程的设置，只读一次。"""
    return Settings.model_validate({})
