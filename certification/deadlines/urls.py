from django.urls import path

from certification.deadlines.views import explanation, feeds, reminders

app_name = "deadlines"

urlpatterns = [
    path("<int:pk>/", explanation.explanation, name="explanation"),
    path("reminders/", reminders.reminded, name="reminded"),
    path("feed/", feeds.feed, name="feed"),
    path("feed/create/", feeds.create, name="feed-create"),
    path("feed/revoke/", feeds.revoke, name="feed-revoke"),
]
