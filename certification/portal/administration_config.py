"""Puts the administration site in the place of Django's own (a module of its own: it loads before the models)."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "certification.portal.administration.AdministrationSite"
