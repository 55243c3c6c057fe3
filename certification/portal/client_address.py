"""From which address somebody asks: what limits are counted by, and what is kept of a look-up."""

from django.conf import settings


def client_address(request) -> str:
    """The address of whoever asks. Behind proxies of the house (setting ``TRUSTED_PROXIES`` says how many) it is what
    the outermost of them saw: each appends to X-Forwarded-For, and what stands further left anybody can write."""
    own = request.META.get("REMOTE_ADDR", "")
    passed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    proxies = settings.TRUSTED_PROXIES
    return passed[-proxies] if 0 < proxies <= len(passed) else own
