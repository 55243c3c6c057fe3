"""What must come from the operating system: found, or installed on Debian and Ubuntu, or asked for plainly."""

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bin.operations import Missing

POSTGRESQL_ROOT = Path("/usr/lib/postgresql")
# The one without windows starts and draws faster; Ubuntu has none.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Debian starts a server when its package is installed; this run must leave no server behind that was not there.
INSTALL = """
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
first_known() {
    for package in $(echo "$1" | tr '|' ' '); do
        if apt-cache show "$package" 2>/dev/null | grep -q .; then break; fi
    done
    echo "$package"
}
install() {
    apt-get update -qq && apt-get install -qq -y --no-install-recommends $(for wanted; do first_known "$wanted"; done)
}
said=$(mktemp)
if ! (install "$@") >"$said" 2>&1; then
    cat "$said" >&2
fi
rm -f "$said"
"""


@dataclass(frozen=True)
class Need:
    """One thing looked for: how to see whether it is there, which Debian packages bring it, its name for people.

    Packages that do for each other stand in one text, the better one first: ``chromium-headless-shell|chromium``.
    """

    present: Callable[[], bool]
    packages: tuple[str, ...]
    label: str
    # What works without it, only worse, is asked for but does not stop anybody.
    optional: bool = False


def require(needs: list[Need]) -> None:
    """Install what is missing where that is allowed; raise ``Missing`` where it is not."""
    absent = [need for need in needs if not need.present()]
    if not absent:
        return
    if installer := _installer():
        packages = [package for need in absent for package in need.packages]
        print(f"正在安装系统软件包 / installing: {' '.join(packages)}", flush=True)
        subprocess.run([*installer, "sh", "-c", INSTALL, "sh", *packages], check=False)
        absent = [need for need in absent if not need.present()]
    _explain(absent)


def _explain(absent: list[Need]) -> None:
    lines = [f"  - {need.label}（Debian/Ubuntu: apt-get install {_ask_for(need)}）" for need in absent]
    if all(need.optional for need in absent):
        if absent:
            print("\n".join(["建议安装 / recommended:", *lines]), file=sys.stderr)
        return
    raise Missing(
        "\n".join(
            [
                "本机缺少下列软件，且无权或无法自动安装，请安装后重试：",
                "This machine lacks the following and it could not be installed here; install it and try again:",
                *lines,
            ]
        )
    )


def _ask_for(need: Need) -> str:
    """The packages as to be typed; of those that do for each other, the one that every distribution has."""
    return " ".join(package.rpartition("|")[2] for package in need.packages)


def _installer() -> list[str] | None:
    """The command prefix that may run apt-get; None where there is no apt-get or no right to it."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["env"]
    if not shutil.which("sudo"):
        return None
    if sys.stdin.isatty():
        return ["sudo"]
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if allowed else None


def _library(soname: str, name: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return bool(ctypes.util.find_library(name))
    return True


def _python_package() -> str:
    """Debian's package for making environments with the Python that runs; a Python of another source has its own."""
    return "python3-venv" if sys.executable == "/usr/bin/python3" else f"python3.{sys.version_info.minor}-venv"


def postgresql_programs() -> Path | None:
    """The folder with initdb and postgres, the newest where there are several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder.parent for folder in POSTGRESQL_ROOT.glob("*/bin/initdb")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def chromium() -> str | None:
    """The browser's program, ``CHROMIUM`` first."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _chinese_typeface() -> bool:
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


ENVIRONMENT = [
    Need(
        lambda: bool(importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")),
        (_python_package(),),
        "Python 的 venv 模块 / Python's venv module",
    ),
]
LIBRARIES = [
    Need(
        lambda: _library("libpango-1.0.so.0", "pango-1.0") and _library("libpangoft2-1.0.so.0", "pangoft2-1.0"),
        ("libpango-1.0-0", "libpangoft2-1.0-0"),
        "Pango 1.44+（生成 PDF 所需 / for making PDF）",
    ),
    Need(
        lambda: _library("libharfbuzz-subset.so.0", "harfbuzz-subset"),
        ("libharfbuzz-subset0",),
        "HarfBuzz subset（没有它生成 PDF 慢六倍 / PDF takes six times longer without it）",
        optional=True,
    ),
]
TESTING = [
    Need(lambda: bool(postgresql_programs()), ("postgresql",), "PostgreSQL 15+"),
    Need(lambda: bool(shutil.which("redis-server")), ("redis-server",), "Redis"),
    Need(lambda: bool(chromium()), ("chromium-headless-shell|chromium",), "Chromium"),
    Need(_chinese_typeface, ("fonts-noto-cjk", "fontconfig"), "中文字体 / Chinese typefaces"),
    Need(lambda: bool(shutil.which("pdftotext")), ("poppler-utils",), "poppler-utils"),
]
