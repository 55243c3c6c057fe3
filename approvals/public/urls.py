"""Addresses of the public pages."""

from django.urls import path

from approvals.public import views

app_name = "public"

urlpatterns = [
    path("", views.lookup, name="lookup"),
    path("certificate/", views.guide, name="guide"),
    path("tickets/<int:pk>/", views.ticket, name="ticket"),
    path("acceptances/<int:pk>/", views.acceptance, name="acceptance"),
    path("letters/<int:pk>/", views.letter, name="letter"),
    path("letters/<int:pk>/sign/", views.sign, name="sign"),
    path("letters/<int:pk>/receipt.pdf", views.receipt, name="receipt"),
    path("endings/<int:pk>/", views.ending_letter, name="ending_letter"),
    path("endings/<int:pk>/sign/", views.ending_sign, name="ending_sign"),
    path("endings/<int:pk>/receipt.pdf", views.ending_receipt, name="ending_receipt"),
]
