"""What embedded, production and test settings share."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

INSTALLED_APPS = [
    "certification.portal.administration_config.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "django_celery_beat",
    "django_htmx",
    "csp",
    "axes",
    "health_check",
    "certification.workdays",
    "certification.catalogue",
    "certification.rulebook",
    "certification.jobs",
    "certification.records",
    "certification.people",
    "certification.organisations",
    "certification.imports",
    "certification.notices",
    "certification.deadlines",
    "certification.documents",
    "certification.spreadsheets",
    "certification.portal",
    "training",
    "exams",
    "approvals",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "certification.portal.middleware.held_clock",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "certification.portal.middleware.acting_session",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "certification.organisations.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "certification.urls"
WSGI_APPLICATION = "certification.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "certification.portal.context.frame",
            ],
        },
    },
]

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "certification.organisations.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:login"
AXES_FAILURE_LIMIT = "certification.portal.login_limits.failures"
AXES_COOLOFF_TIME = 0.25  # hours
# How many proxies of the house stand in front, each appending to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "certification.portal.client_address.client_address"
AXES_LOCKOUT_PARAMETERS = "certification.portal.login_limits.parameters"
# Kept out of what it stores of a failed attempt.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "name", "document_number", "answer", "csrfmiddlewaretoken"]
AXES_LOCKOUT_TEMPLATE = "portal/locked_out.html"
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Measured: with these options two writing processes never see "database is locked".
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"

CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "certification.beat:Scheduler"
# Touched at every turn of beat, so that others can see that it is alive.
BEAT_HEARTBEAT = Path(env.str("BEAT_HEARTBEAT", str(VAR_DIR / "beat.alive")))
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT = "certification.broker:Transport"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that finds no broker goes on looking for it.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# What a job began it may finish when the broker goes away: run again it would find nothing left to do.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nobody asks Celery for results; what a job did stands in its JobRun.
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None

# The beat that holds the lease sends; another takes it over this long after the holder's last turn.
BEAT_LEASE_SECONDS = env.float("BEAT_LEASE_SECONDS", 30)
# A run of a job reports four times in this time; one that is silent longer was killed.
JOB_SILENCE_SECONDS = env.float("JOB_SILENCE_SECONDS", 60)
# For how long the runs of a job are kept; those that found nothing to do are kept for a day.
JOB_KEEP_DAYS = env.int("JOB_KEEP_DAYS", 90)
# For how many days an upload waits for its sender after it was last checked; then it is given up. What was found in it
# and the workbook that goes back are cleared; the files as received stay on record with their case (who handed in what,
# and when, may be asked for years later).
IMPORT_UNDECIDED_DAYS = env.int("IMPORT_UNDECIDED_DAYS", 30)
# A job is late when nothing ran for more than so many of its intervals.
JOB_LATE_INTERVALS = env.float("JOB_LATE_INTERVALS", 2)

# Uploads: a workbook or a material larger than this is refused by name, not read (rules 12).
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
# A class's papers in one archive.
ARCHIVE_MAX_BYTES = 300 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# The papers of a full class in one upload.
DATA_UPLOAD_MAX_NUMBER_FILES = 500

# Virus scan (see certification/records/scanning.py): tcp://host:port or unix:///path of a ClamAV daemon, "" for none;
# how long it may take, in seconds; and what happens to uploads while it does not answer: "refuse" or "later".
CLAMD = env.str("CLAMD", "")
CLAMD_TIMEOUT = env.float("CLAMD_TIMEOUT", 30)
CLAMD_UNREACHABLE = env.str("CLAMD_UNREACHABLE", "") or "refuse"
if CLAMD_UNREACHABLE not in ("refuse", "later"):
    raise ImproperlyConfigured('CLAMD_UNREACHABLE is "refuse" or "later".')

# The clock may be moved forward (演示时钟) only where a demonstration runs; see certification/clock.py.
CLOCK_MAY_MOVE = False
# The invented 2027 calendar of the demonstration is counted only where this allows it.
DEMONSTRATION_CALENDAR = False

# The authority in whose name decisions go out (rules 9), and the office that handles them.
LICENSING_AUTHORITY = "云岭省应急管理厅"
RECONSIDERATION_AUTHORITY = "云岭省人民政府"
RECONSIDERATION_CHANNEL = "云岭省行政复议网上申请平台"
COURT = "云岭省省会市有管辖权的人民法院"

# How people reach this site from outside: links in e-mails, chats and calendars begin with it.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")

# E-mail: any SMTP server. Without a host nothing is sent, and every notice says so in its record.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = "【特种作业认定】"
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "noreply@localhost")

# Webhooks (see certification/notices/channels/webhook.py): which families, to which hosts the generic ones may go
# ("host" or "host:port"), and whether a chat is told the body of a notice too, which may name persons.
NOTICE_WEBHOOK_SCHEMAS = env.list("NOTICE_WEBHOOK_SCHEMAS", default=["wecombot", "dingtalk", "feishu", "jsons", "json"])
NOTICE_WEBHOOK_HOSTS = env.list("NOTICE_WEBHOOK_HOSTS", default=[])
NOTICE_WEBHOOK_BODY = env.bool("NOTICE_WEBHOOK_BODY", False)
# Pauses before each further attempt, in minutes; after the last the message is given up.
NOTICE_RETRY_MINUTES = env.list("NOTICE_RETRY_MINUTES", cast=int, default=[2, 10, 60, 360])

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_tokens": {"()": "certification.deadlines.calendar_feeds.log.WithoutTokens"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_tokens"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
