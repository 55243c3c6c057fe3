"""Settings of the processes that the fault tests start: the tests' own, with a real broker and invented cases."""

from certification.settings.test import *  # noqa: F403
from certification.settings.test import DATABASES, INSTALLED_APPS, env

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.cases"]
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.5
# The database is thrown away: its tables are made from the models.
MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in INSTALLED_APPS}
if env.bool("FAULTS_KEEP_CONNECTIONS", False):
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if env.str("FAULTS_MEDIA", ""):
    MEDIA_ROOT = env.str("FAULTS_MEDIA")
