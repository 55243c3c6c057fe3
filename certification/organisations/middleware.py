"""Asks the URL map on every request. A view that is not in the map is closed to everybody."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from certification.organisations import access
from certification.refusals import NotPermitted


class AccessMiddleware(MiddlewareMixin):
    def process_view(self, request, view, args, kwargs):
        view_name = request.resolver_match.view_name
        code = _code(view_name)
        if code == access.PUBLIC:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if code is None:
            raise Http404
        if code == access.ANY_ACCOUNT:
            return None
        try:
            access.require(request.user, code)
        except NotPermitted as refusal:
            return _refused(request, refusal)
        return None

    def process_exception(self, request, exception):
        return _refused(request, exception) if isinstance(exception, NotPermitted) else None


def _refused(request, refusal: NotPermitted):
    return render(request, "portal/refused.html", {"refusal": refusal}, status=403)


def _code(view_name: str | None) -> str | None:
    if view_name and view_name.startswith("admin:"):
        return access.URLS["admin"]
    return access.URLS.get(view_name)
