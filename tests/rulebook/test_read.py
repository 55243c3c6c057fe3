"""Every rule that is shipped is read by code, or is marked as one that only explains: nobody changes a rule and finds
that nothing follows from it."""

import ast
import importlib
import re
import tomllib
from functools import cache
from pathlib import Path

from certification.people.checks import catalogue as checks
from certification.rulebook.explaining import EXPLAINING
from certification.rulebook.loading import rule_files

ROOT = Path(__file__).parents[2]
APPS = ("certification", "training", "exams", "approvals")
ASIDE = {"migrations", "demonstration", "value_words.py", "explaining.py"}
# Read by a name that is put together: the area, and where the codes come from.
BY_KIND = {"materials": {"INITIAL", "PERIODIC_REVIEW", "RENEWAL"}, "examination": {"theory", "practical"}}
WORD = re.compile(r"[a-z_]+")
# Shown, not computed with.
SHOWN = ("certainty", "title", "clause", "text")


def shipped() -> list[dict]:
    return [rule for path in rule_files() for rule in tomllib.loads(path.read_text("utf-8"))["rule"]]


def key(rule: dict) -> tuple[str, str]:
    return rule["area"], rule["code"]


@cache
def modules() -> dict[str, set[str]]:
    """Of each module of the apps the texts that it knows: literals, and constants that it imported."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if ASIDE & {*path.relative_to(ROOT).parts}:
                continue
            tree = ast.parse(path.read_text("utf-8"))
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            found[str(path)] = {text for text in texts if isinstance(text, str)} | imported(tree)
    return found


def imported(tree: ast.Module) -> set[str]:
    """The texts that stand behind the names that a module imports, or asks of an imported module."""
    texts, places = set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in APPS:
            for alias in node.names:
                value = vars(importlib.import_module(node.module)).get(alias.name)
                places[alias.asname or alias.name] = value
                texts |= {value} if isinstance(value, str) else set()
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in places:
            value = getattr(places[node.value.id], node.attr, None)
            texts |= {value} if type(value) is str else set()
    return texts


def is_read(area: str, code: str) -> bool:
    if area == "check":
        return code in {check.code for check in checks.checks()}
    if code in BY_KIND.get(area, ()):
        return True
    if area == "eligibility" and code in asked_of_a_judging():
        return True
    # Deadlines are opened by their code alone; every other reader names the area as well.
    wanted = {code} if area == "deadline" else {area, code}
    return any(wanted <= texts for texts in modules().values())


@cache
def asked_of_a_judging() -> set[str]:
    """The codes that checks of persons ask for, ``judging.values("age_minimum")``: of their own area, unnamed."""
    return {
        node.args[0].value
        for path in modules()
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "judging.values"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_shipped_rule_is_read_or_only_explains():
    unread = {key(rule) for rule in shipped() if not is_read(*key(rule))}
    # What stands in words that others use as well is taken for read: it may be marked all the same.
    assert unread <= EXPLAINING


def test_what_only_explains_is_shipped():
    assert {key(rule) for rule in shipped()} >= EXPLAINING


def test_every_value_of_a_rule_that_is_read_has_a_reader():
    names = set().union(*modules().values()) | identifiers() | written_in_templates()
    unread = {
        (*key(rule), name)
        for rule in shipped()
        if key(rule) not in EXPLAINING
        for name in rule.get("values", {})
        if name not in names and not name.endswith(SHOWN)
    }
    assert unread == set()


def written_in_templates() -> set[str]:
    """The words of templates, letters among them."""
    folders = (ROOT / folder for folder in ("templates", *APPS))
    return {word for folder in folders for path in folder.rglob("*.html") for word in WORD.findall(path.read_text())}


def identifiers() -> set[str]:
    """The names of attributes, parameters and fields: values are handed on by name."""
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.arg | ast.keyword):
                found.add(node.arg)
    return found
