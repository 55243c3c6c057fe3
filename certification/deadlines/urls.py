from django.urls import path

from certification.deadlines.views import admissions, board, explanation, feeds, figures, planner, reminders, usage

app_name = "deadlines"

urlpatterns = [
    path("<int:pk>/", explanation.explanation, name="explanation"),
    path("overdue/", board.overdue, name="board"),
    path("overdue/export.<str:form>", board.overdue_export, name="board_export"),
    path("figures/", figures.monthly, name="figures"),
    path("figures/export.<str:form>", figures.monthly_export, name="figures_export"),
    path("usage/<slug:slug>/<int:pk>/", usage.case_usage, name="usage"),
    path("reminders/", reminders.reminded, name="reminded"),
    path("feed/", feeds.feed, name="feed"),
    path("feed/create/", feeds.create, name="feed-create"),
    path("feed/revoke/", feeds.revoke, name="feed-revoke"),
    path("<int:pk>/pdf/", explanation.explanation_pdf, name="explanation_pdf"),
    path("calculate/", explanation.calculate, name="calculate"),
    path("planner/", planner.planner, name="planner"),
    path("admissions/", admissions.admission_list, name="admission_list"),
    path("admissions/ask/", admissions.admission_ask, name="admission_ask"),
    path("admissions/decide/", admissions.admission_decide, name="admission_decide"),
    path("admissions/<int:pk>/", admissions.admission, name="admission"),
    path("admissions/<int:pk>/withdraw/", admissions.admission_withdraw, name="admission_withdraw"),
    path("<int:pk>/admit/", admissions.admission_direct, name="admission_direct"),
]
