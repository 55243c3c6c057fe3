"""The embedded default: SQLite, an embedded broker, a demonstration province with a clock that can be moved."""

from .base import *  # noqa: F403
from .base import SQLITE_OPTIONS, VAR_DIR, env

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "embedded-demonstration-only-not-for-production-use")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])

DATABASES = {
    "default": env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS

MEDIA_ROOT = VAR_DIR / "files"
CELERY_BROKER_URL = env.str("BROKER_URL", "redis://127.0.0.1:16379/0")

CLOCK_MAY_MOVE = True
DEMONSTRATION_CALENDAR = True
