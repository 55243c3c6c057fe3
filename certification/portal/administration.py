"""The administration site at /admin/: open to the role of administrator, read-only for whatever is not theirs.

No model permission of Django is ever granted: the role decides, as everywhere (organisations.access).
"""

from django.contrib import admin

from certification.organisations.access import may


class AdministrationSite(admin.AdminSite):
    """系统管理."""

    site_title = site_header = "系统管理"
    index_title = "管理员维护的数据"
    site_url = "/"

    def has_permission(self, request) -> bool:
        """The middleware has asked the URL map; this asks the same action again for whoever calls the site itself."""
        return request.user.is_authenticated and may(request.user, "portal.administer")
