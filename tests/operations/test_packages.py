"""Locks and hosts: everything pinned with hashes, and nobody outside named anywhere."""

import re
import shutil
import subprocess
import tomllib

import pytest

from bin.operations import ROOT

RUN_LOCK, TEST_LOCK = "requirements.lock", "requirements-test.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
# Put together here, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("docker", "io"),
    )
]
ADDRESS = re.compile(r"(?:https?:|src=\"|href=\"|url\(\s*['\"]?)//([\w.-]+)", re.IGNORECASE)
# Names of vocabularies, never fetched.
VOCABULARIES = {"www.w3.org"}


def tracked() -> list[str]:
    """The files of the repository; a copy that is none has nothing to say about what is committed."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git repository")
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.splitlines() if (ROOT / name).is_file()]


def pins(lock: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK])
def test_every_pin_has_a_hash(lock):
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_tests_run_on_the_versions_of_production():
    assert pins(RUN_LOCK) < pins(TEST_LOCK)


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {RUN_LOCK: project["dependencies"], TEST_LOCK: project["optional-dependencies"]["test"]}
    for lock, requirements in asked.items():
        names = {re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-") for requirement in requirements}
        assert names <= {name.lower() for name, _version in pins(lock)}


def test_no_file_names_a_registry():
    naming = [(name, host) for name in tracked() for host in REGISTRIES if host.encode() in (ROOT / name).read_bytes()]
    assert naming == []


def test_pages_ask_no_outside_host():
    pages = [name for name in tracked() if "/templates/" in f"/{name}" or "/static/" in f"/{name}"]
    outside = {
        (name, host)
        for name in pages
        for host in ADDRESS.findall((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
        if host not in VOCABULARIES
    }
    assert outside == set()
