"""Webhooks of chat programs and other systems, through the library apprise.

The addresses are typed by people, and the server calls them. So that nobody can make it call what only the server
reaches (server-side request forgery): families with a fixed host of their vendor are open to everybody that
``NOTICE_WEBHOOK_SCHEMAS`` names; generic ones go only to the hosts in ``NOTICE_WEBHOOK_HOSTS``, where an
administrator of the machine has put them. Redirections are not followed, certificates are checked, nothing of the
answer is shown but its status. Only the plugins named here are ever loaded: no file, no command, no desktop.
"""

import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

from certification.notices.channels.failure import ChannelFailure
from certification.notices.channels.outgoing import Outgoing
from certification.refusals import Refusal


@dataclass(frozen=True)
class Family:
    """A kind of webhook: its name, the plugin that speaks it, and whether its address names a host of its own."""

    name: str
    plugin: str
    generic: bool = False


FAMILIES = {
    "wecombot": Family("企业微信群机器人", "wecombot.NotifyWeComBot"),
    "dingtalk": Family("钉钉群机器人", "dingtalk.NotifyDingTalk"),
    "feishu": Family("飞书群机器人", "feishu.NotifyFeishu"),
    "lark": Family("Lark 群机器人", "lark.NotifyLark"),
    "jsons": Family("通用 JSON（https）", "custom_json.NotifyJSON", generic=True),
    "json": Family("通用 JSON（http）", "custom_json.NotifyJSON", generic=True),
}
# Addresses as the vendors' pages show them, to copy.
_NATIVE = (
    (r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)", "wecombot://{}"),
    (r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)", "dingtalk://{}"),
    (r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)", "feishu://{}"),
    (r"https://open\.larksuite\.com/open-apis/bot/v2/hook/([\w-]+)", "lark://{}"),
)
_LOGGER = logging.getLogger("apprise")
_SECRET = re.compile(r"[\w%+=-]{8,}")


def checked(address: str) -> str:
    """``address`` in apprise's form, if it may be used here; raises Refusal that says what is wrong with it."""
    address = _in_apprise_form(address.strip())
    schema = _schema(address)
    if schema not in settings.NOTICE_WEBHOOK_SCHEMAS or schema not in FAMILIES:
        allowed = "、".join(f"{FAMILIES[each].name}（{each}://）" for each in _allowed())
        raise Refusal("通道地址的类型不在允许的范围内。", code="webhook_schema", advice=f"可以使用：{allowed}。")
    parsed = _parsed(address)
    if FAMILIES[schema].generic and not _host_allowed(parsed):
        raise Refusal(
            "通道地址指向的主机未经许可。", code="webhook_host", advice="请系统管理员将该主机列入允许的通道主机。"
        )
    _plugin(address)
    return address


def masked(address: str) -> str:
    """What may be shown of an address: its family and the end of its key, or its host."""
    schema = _schema(address)
    family = FAMILIES.get(schema)
    if family is None:
        return "••••"
    if family.generic:
        return f"{family.name} {(_parsed(address) or {}).get('host', '')}/••••"
    key = address.partition("://")[2].partition("?")[0].strip("/")
    return f"{family.name} ••••{key[-4:] if len(key) > 8 else ''}"


def send(address: str, outgoing: Outgoing) -> None:
    """Post the message; raises ChannelFailure where the other side did not take it.

    The address is checked again: what is allowed may have changed since it was typed.
    """
    try:
        plugin = _plugin(checked(address))
    except Refusal as refusal:
        raise ChannelFailure(refusal.message, permanent=True) from refusal
    with _overheard() as said:
        # A message without a body is refused by apprise.
        title, body = (outgoing.title, outgoing.text) if outgoing.text else ("", outgoing.title)
        went = plugin.notify(title=title, body=body)
    if not went:
        raise ChannelFailure(_without_secrets(said[-1] if said else "对方没有接收", address))


def _plugin(address: str):
    """The plugin for an address, told not to follow redirections and not to try again by itself."""
    parsed = _parsed(address)
    if parsed is None:
        raise Refusal("通道地址不完整或者写法不对。", code="webhook_invalid", advice="请从机器人设置页面完整复制地址。")
    for name in ("retry", "wait", "optional", "format", "overflow"):
        parsed.pop(name, None)
    try:
        return _class(_schema(address))(**{**parsed, "redirect": False, "verify": True, **_post(address)})
    except TypeError as problem:
        raise Refusal("通道地址不完整或者写法不对。", code="webhook_invalid") from problem


def _post(address: str) -> dict:
    return {"method": "POST"} if FAMILIES[_schema(address)].generic else {}


def _parsed(address: str) -> dict | None:
    with _overheard():
        return _class(_schema(address)).parse_url(address)


def _class(schema: str):
    module, _dot, name = FAMILIES[schema].plugin.rpartition(".")
    return getattr(import_module(f"apprise.plugins.{module}"), name)


def _host_allowed(parsed: dict | None) -> bool:
    if not parsed:
        return False
    host, port = (parsed.get("host") or "").lower(), parsed.get("port")
    allowed = {name.lower() for name in settings.NOTICE_WEBHOOK_HOSTS}
    return host in allowed or f"{host}:{port}" in allowed


def _allowed() -> list[str]:
    return [schema for schema in FAMILIES if schema in settings.NOTICE_WEBHOOK_SCHEMAS]


def _in_apprise_form(address: str) -> str:
    for pattern, form in _NATIVE:
        if found := re.fullmatch(pattern, address):
            return form.format(found[1])
    return address


def _schema(address: str) -> str:
    return address.partition("://")[0].lower() if "://" in address else ""


def _without_secrets(said: str, address: str) -> str:
    for secret in _SECRET.findall(address.partition("://")[2]):
        said = said.replace(secret, "••••")
    return said


@contextmanager
def _overheard():
    """What apprise says in its log, which would otherwise print addresses: it reports failures in no other way."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    before = _LOGGER.propagate
    _LOGGER.addHandler(handler)
    _LOGGER.propagate = False
    try:
        yield said
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.propagate = before
