"""House rules of templates and styles: no outside host, nothing inline, nothing unused."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SOURCES = ("certification", "training", "exams", "approvals", "templates")
TEMPLATES = sorted(path for top in SOURCES for path in (ROOT / top).rglob("*.html"))
STYLES = sorted((ROOT / "static").rglob("*.css")) + sorted((ROOT / "static").rglob("*.js"))
# What Django and its apps look for by name.
BY_CONVENTION = {"400.html", "404.html", "500.html", "admin/base_site.html"}
# Addresses that a reader is told of are text and may be linked; nothing is ever loaded from them.
LOADS = re.compile(
    r"""(?:src|srcset|action|data|poster)\s*=\s*["'](?:https?:)?//|<link[^>]+href\s*=\s*["'](?:https?:)?//"""
)
OUTSIDE = re.compile(r"""url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//|fetch\(\s*["']https?://""")
INLINE = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|<script(?![^>]*\ssrc=)|javascript:""")
NAMES = re.compile(r"""["']([\w./-]+\.html)["']""")


def _name(path: Path) -> str:
    return path.as_posix().rpartition("/templates/")[2] or path.name


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_page_loads_from_an_outside_host(path):
    assert not LOADS.search(_text(path))


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_no_style_or_script_loads_from_an_outside_host(path):
    assert not OUTSIDE.search(_text(path))


PAGES = [p for p in TEMPLATES if "/documents/" not in p.as_posix() and '{% extends "documents/' not in _text(p)]


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_no_inline_style_or_script(path):
    """The content security policy would block it (documents are printed, not served as pages)."""
    assert not INLINE.search(_text(path))


def test_every_template_is_used():
    code = [path for top in SOURCES for path in (ROOT / top).rglob("*.py")]
    used = {name for path in [*TEMPLATES, *code] for name in NAMES.findall(_text(path))}
    assert {_name(path) for path in TEMPLATES} - used - BY_CONVENTION == set()


def test_sentences_use_full_width_punctuation():
    """A comma or full stop of the other script between two Chinese characters is a slip of the keyboard."""
    slip = re.compile(r"[\u4e00-\u9fff][,;:!?][\u4e00-\u9fff]")
    assert [(_name(path), slip.findall(_text(path))) for path in TEMPLATES if slip.search(_text(path))] == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "{% block" in _text(path)], ids=_name)
def test_an_address_named_in_one_block_is_not_used_in_another(path):
    """What ``{% url … as name %}`` names is unset outside its block: the link would lead nowhere."""
    _before, *pieces = re.split(r"{% block (\w+) %}", _text(path))
    blocks = dict(zip(pieces[::2], (piece.partition("{% endblock")[0] for piece in pieces[1::2]), strict=True))
    named = {block: set(re.findall(r"{% url [^%]* as (\w+) %}", text)) for block, text in blocks.items()}
    everywhere = set().union(*named.values())
    used = {block: set(re.findall(r"\w+", re.sub(r"{% url\b", "", text))) for block, text in blocks.items()}
    lost = {block: words & everywhere - named[block] for block, words in used.items()}
    assert {block: names for block, names in lost.items() if names} == {}
