"""Ground floor: settings, URLs, the Celery app and the kernel that knows no business app."""

from certification.celery import app as celery_app

__all__ = ["celery_app"]
