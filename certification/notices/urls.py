"""The inbox."""

from django.urls import path

from certification.notices.views import inbox

app_name = "notices"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read-all/", inbox.read_all, name="read-all"),
    path("<int:pk>/", inbox.open_notice, name="open"),
]
