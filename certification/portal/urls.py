"""The portal's pages."""

from django.urls import path

from certification.portal.views import demonstration, gallery, health, home, reference, search, session

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("login/", session.Login.as_view(), name="login"),
    path("logout/", session.Logout.as_view(), name="logout"),
    path("password/", session.ChangePassword.as_view(), name="password"),
    path("search/", search.search, name="search"),
    path("clock/step/", demonstration.step, name="clock-step"),
    path("health/", health.Health.as_view(), name="health"),
    path("plan/", reference.plan, name="plan"),
    path("rules/", reference.rules, name="rules"),
    path("calendar/", reference.calendar, name="calendar"),
    path("calendar/<int:year>/", reference.calendar, name="calendar-year"),
    path("catalogue/", reference.catalogue, name="catalogue"),
    path("designations/", reference.designations, name="designations"),
    path("components/", gallery.gallery, name="gallery"),
]
