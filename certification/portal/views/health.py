"""Health of what the application needs: database and broker."""

import redis.asyncio
from django.conf import settings
from django.http import JsonResponse
from health_check.views import HealthCheckView


def _broker():
    return redis.asyncio.Redis.from_url(settings.CELERY_BROKER_URL)


class Health(HealthCheckView):
    """JSON, OK or error for each; status 500 where something does not work. Names no address."""

    checks = ["health_check.checks.Database", ("health_check.contrib.redis.Redis", {"client_factory": _broker})]

    def render_to_response(self, context, **kwargs):
        return self.render_to_response_json(kwargs["status"])

    def render_to_response_json(self, status):
        answers = {type(result.check).__name__: "error" if result.error else "OK" for result in self.results}
        return JsonResponse(answers, status=status)
