"""The embedded default made ready: database, reference data, demonstration province, static files.

Each part is done again only when what it is made from has changed, and all of them in one start of Django.
"""

import hashlib
import logging
import os
from pathlib import Path

from bin.operations import ROOT, VAR

APPS = ("certification", "training", "exams", "approvals")
STAMPS = VAR / "stamps"
LOGINS = VAR / "logins.txt"
DATABASE = VAR / "db.sqlite3"
STATIC_ROOT = ROOT / "staticfiles"


def prepare() -> None:
    """Do what the stamps say is due."""
    code, static = _code_mark(), _static_mark()
    database_due = not _done("database", code) or not LOGINS.exists() or not _database_exists()
    static_due = not _done("static", static) or not STATIC_ROOT.exists()
    if not database_due and not static_due:
        return
    _start_django()
    if database_due:
        _prepare_database()
        _stamp("database", code)
    if static_due:
        _collect_static()
        _stamp("static", static)


def _start_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certification.settings.embedded")
    django.setup()
    # What a worker would say of each task means nothing to who is waiting for a set-up.
    logging.getLogger("celery").setLevel(logging.WARNING)


def _prepare_database() -> None:
    from django.core.management import call_command

    print("正在准备内嵌数据库与演示数据 / preparing the embedded database and its demonstration …", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", verbosity=0)
    call_command("demonstration", verbosity=0)
    with LOGINS.open("w", encoding="utf-8") as out:
        call_command("demonstration", logins=True, stdout=out)


def _collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def _database_exists() -> bool:
    return "DATABASE_URL" in os.environ or DATABASE.exists()


def _code_mark() -> str:
    files = (file for app in APPS for file in (ROOT / app).rglob("*"))
    return _mark(files, os.environ.get("DATABASE_URL", ""))


def _static_mark() -> str:
    folders = (ROOT / "static", *(ROOT / app for app in APPS))
    files = (file for folder in folders for file in folder.rglob("*") if "static" in file.relative_to(ROOT).parts)
    return _mark(files, (ROOT / "requirements.lock").read_text(encoding="utf-8"))


def _mark(files, more: str) -> str:
    digest = hashlib.sha256(more.encode())
    for file in sorted(file for file in files if _counts(file)):
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _counts(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts


def _done(name: str, mark: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == mark


def _stamp(name: str, mark: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(mark)


if __name__ == "__main__":
    prepare()
