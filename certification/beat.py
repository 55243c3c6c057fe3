"""The scheduler of Celery beat: django-celery-beat's, with a sign of life that health checks can read."""

from django.conf import settings
from django_celery_beat.schedulers import DatabaseScheduler


class Scheduler(DatabaseScheduler):
    """Touches ``settings.BEAT_HEARTBEAT`` at every turn, which comes every few seconds even when nothing is due."""

    def tick(self, *arguments, **options):
        delay = super().tick(*arguments, **options)
        settings.BEAT_HEARTBEAT.touch()
        return delay
