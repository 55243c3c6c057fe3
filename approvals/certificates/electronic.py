"""The guide to the electronic certificate: where the holder fetches it. QR codes lead to the official pages only and
are drawn here; the certificate itself is not imitated (方案三（五）)."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from urllib.parse import urlsplit

import segno
from django.utils.safestring import SafeString, mark_safe

from certification.rulebook import lookup
from certification.rulebook.models import Rule

AREA = "certificate"
# Only sites of the government have names under it; others are official because the edition says so (``other_hosts``).
GOVERNMENT = "gov.cn"
# What every browser reads as one and the same name.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True)
class Place:
    """An official page: its name, its address, and the address as a QR code (SVG)."""

    label: str
    address: str
    code: SafeString


@dataclass(frozen=True)
class Guide:
    """The sites, and the name of the WeChat account, which is searched for by name."""

    places: list[Place]
    wechat: str
    clause: str


def guide(day: date) -> Guide:
    """The places of the edition in force on ``day``."""
    values = lookup.values(AREA, "electronic", day)
    pages = values["pages"]
    return Guide(
        [Place(page["label"], page["url"], qr(page["url"])) for page in pages], values["wechat"], "方案三（五）"
    )


def rule_problems(rule: Rule) -> list[str]:
    """What is wrong with a rule of certificates beyond its shape: a page whose address is not an official one."""
    if rule.code != "electronic":
        return []
    others = rule.values.get("other_hosts", [])
    return [
        f"“{page['label']}”的地址 {page['url']} 不是官方页面：应以 https:// 开头，并且是 {GOVERNMENT} 下的网站或者"
        "列入 other_hosts 的网站。"
        for page in rule.values["pages"]
        if not _is_official(page["url"], others)
    ]


def _is_official(address: str, others: list[str]) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "https" or not _HOST.fullmatch(host):
        return False
    return host in others or f".{host}".endswith(f".{GOVERNMENT}")


@lru_cache(maxsize=16)
def qr(text: str) -> SafeString:
    """``text`` as the SVG of a QR code with its quiet zone, black on white, without a size of its own."""
    stream = BytesIO()
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff", svgclass=None
    )
    return mark_safe(stream.getvalue().decode())  # noqa: S308 our own drawing of an address of the rules
