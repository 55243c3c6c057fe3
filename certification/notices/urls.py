"""The inbox, and how notices reach people outside it."""

from django.urls import path

from certification.notices.views import groups, inbox, settings, texts

app_name = "notices"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read-all/", inbox.read_all, name="read-all"),
    path("<int:pk>/", inbox.open_notice, name="open"),
    path("settings/", settings.settings, name="settings"),
    path("settings/test/", settings.test, name="settings-test"),
    path("texts/", texts.text_list, name="texts"),
    path("texts/<str:code>/", texts.text, name="text"),
    path("texts/<str:code>/<str:variant>/", texts.text, name="text"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:pk>/end/", groups.end, name="group-end"),
]
