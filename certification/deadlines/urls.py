from django.urls import path

from certification.deadlines.views import board, explanation, feeds, figures, reminders, usage

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
]
