"""The portal's pages."""

from django.urls import path

from certification.portal.views import (
    accesses,
    calendars,
    demonstration,
    gallery,
    health,
    home,
    jobs,
    reference,
    rule_editions,
    search,
    separation,
    session,
)

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
    path("rules/compare/", rule_editions.compare, name="rules-compare"),
    path("rules/editions/new/", rule_editions.edition_create, name="rule-edition-create"),
    path("rules/editions/<int:pk>/", rule_editions.edition, name="rule-edition"),
    path("rules/editions/<int:pk>/complete/", rule_editions.edition_complete, name="rule-edition-complete"),
    path("rules/editions/<int:pk>/activate/", rule_editions.edition_activate, name="rule-edition-activate"),
    path("rules/editions/rules/<int:pk>/", rule_editions.rule_edit, name="rule-edit"),
    path("calendar/", reference.calendar, name="calendar"),
    path("calendar/<int:year>/", reference.calendar, name="calendar-year"),
    path("calendar/editions/", calendars.edition_list, name="calendar-editions"),
    path("calendar/editions/new/", calendars.edition_create, name="calendar-edition-create"),
    path("calendar/editions/<int:pk>/", calendars.edition, name="calendar-edition"),
    path("calendar/editions/<int:pk>/edit/", calendars.edition_edit, name="calendar-edition-edit"),
    path("calendar/editions/<int:pk>/correct/", calendars.edition_correct, name="calendar-edition-correct"),
    path("calendar/editions/<int:pk>/publish/", calendars.edition_publish, name="calendar-edition-publish"),
    path("catalogue/", reference.catalogue, name="catalogue"),
    path("designations/", reference.designations, name="designations"),
    path("components/", gallery.gallery, name="gallery"),
    path("separation/", separation.separation_list, name="separation"),
    path("accesses/", accesses.access_list, name="accesses"),
    path("accesses/export.<str:form>", accesses.access_export, name="accesses-export"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<str:name>/", jobs.job, name="job"),
    path("jobs/<str:name>/run/", jobs.job_run, name="job-run"),
]
