"""Tests: PostgreSQL (or the embedded SQLite where DATABASE_URL says so), fast hashing, files in a throwaway folder."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import SQLITE_OPTIONS, TEMPLATES, env

DEBUG = False
SECRET_KEY = "tests-only"
ALLOWED_HOSTS = ["*"]

DATABASES = {"default": env.db_url("DATABASE_URL", "postgres://postgres@127.0.0.1:54329/certification")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
if name := env.str("TEST_DATABASE", ""):
    DATABASES["default"]["TEST"] = {"NAME": name}

MEDIA_ROOT = Path(tempfile.gettempdir()) / "certification-test-files"
CELERY_BROKER_URL = env.str("BROKER_URL", "redis://127.0.0.1:16399/0")
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Straight from the source folders: tests need no collected copy.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
TEMPLATES[0]["OPTIONS"]["debug"] = True
AXES_ENABLED = env.bool("AXES_ENABLED", False)

CLOCK_MAY_MOVE = True
DEMONSTRATION_CALENDAR = False
