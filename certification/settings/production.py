"""Production: PostgreSQL and Redis from the environment; the clock stands at zero offset, logs are lines of JSON."""

import structlog
from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import LOGGING, env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASES = {"default": {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("Production runs on PostgreSQL: DATABASE_URL names another database.")
MEDIA_ROOT = env.str("FILES_DIR", "/srv/files")
SITE_URL = env.str("SITE_URL", "") or f"https://{ALLOWED_HOSTS[0]}"
CELERY_BROKER_URL = env.str("BROKER_URL")

# Real cases run by the real date and the published calendars. Saying nothing would leave whoever set one of
# these in the belief that it works, so it is refused aloud.
CLOCK_MAY_MOVE = DEMONSTRATION_CALENDAR = False
for name in ("CLOCK_MAY_MOVE", "DEMONSTRATION_CALENDAR"):
    if env.bool(name, False):
        raise ImproperlyConfigured(f"{name} belongs to the demonstration and cannot be switched on in production.")

# The proxy in front ends TLS and must set this header itself, overwriting what the client sent.
# The proxy that ends TLS; it has to set X-Forwarded-For, or all the world is one address to the limits of failures.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31536000)
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other hosts under the department's domain are not ours to bind to TLS
    "security.W021",  # nor to enter in browsers' preload lists
    "security.W019",  # a material is shown in a frame of our own page, beside the case
]

LOGGING["formatters"]["line"] = {
    "()": structlog.stdlib.ProcessorFormatter,
    "foreign_pre_chain": [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ],
    "processors": [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
}
