"""Addresses of stored files. Here and not in records, which knows nothing of accounts and what they may see."""

from django.urls import path

from certification.portal.views import files

app_name = "records"
urlpatterns = [path("<uuid:uuid>", files.file, name="file")]
