"""All addresses. Each app brings its own ``urls``; where it stands is said here."""

from importlib import import_module

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.utils.module_loading import module_has_submodule

PREFIXES = {
    "certification.portal": "",
    "certification.imports": "imports/",
    "certification.notices": "inbox/",
    "certification.deadlines": "deadlines/",
    "training": "training/",
    "exams": "exams/",
    "approvals": "approvals/",
}


def _pages():
    for config in apps.get_app_configs():
        if config.name in PREFIXES and module_has_submodule(import_module(config.name), "urls"):
            yield path(PREFIXES[config.name], include(f"{config.name}.urls"))


urlpatterns = [
    *_pages(),
    path("query/", include("approvals.public.urls")),
    path("files/", include("certification.portal.file_urls")),
    path("feeds/", include("certification.deadlines.calendar_feeds.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "certification.portal.views.errors.bad_request"
handler403 = "certification.portal.views.errors.forbidden"
handler404 = "certification.portal.views.errors.not_found"
handler500 = "certification.portal.views.errors.server_error"
