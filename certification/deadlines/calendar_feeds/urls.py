"""The calendar feeds, at a short address of their own: calendar programs ask for it without a login."""

from django.urls import path

from certification.deadlines.views import feeds

app_name = "feeds"
urlpatterns = [path("<str:token>.ics", feeds.calendar, name="calendar")]
