from django.urls import path

from certification.imports.views import acts, columns, pages

app_name = "imports"

urlpatterns = [
    path("<uuid:uuid>/", pages.detail, name="detail"),
    path("<uuid:uuid>/columns/", columns.columns, name="columns"),
    path("<uuid:uuid>/correct/", acts.correct, name="correct"),
    path("<uuid:uuid>/drop/", acts.drop, name="drop"),
    path("<uuid:uuid>/save/", acts.save, name="save"),
    path("<uuid:uuid>/discard/", acts.discard, name="discard"),
    path("<uuid:uuid>/workbook/", pages.workbook, name="workbook"),
]
