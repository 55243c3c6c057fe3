"""Addresses of approvals."""

from django.urls import path

from approvals.views import acceptance, cards, cases, certificates, decisions, dossiers, licences, reviews

app_name = "approvals"

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/bulk/", reviews.bulk, name="bulk"),
    path("reviews/done/", reviews.reviewed, name="reviewed"),
    path("reviews/reports/", reviews.reports, name="reports"),
    path("reviews/record/", reviews.record, name="record"),
    path("reviews/<int:pk>/", cases.case, name="case"),
    path("licences/", licences.licences, name="licences"),
    path("licences/prepare/<int:session_id>/", licences.licence_prepare, name="licence_prepare"),
    path("licences/<int:pk>/", licences.licence, name="licence"),
    path("licences/<int:pk>/submit/", licences.licence_submit, name="licence_submit"),
    path("licences/<int:pk>/send-again/", licences.licence_send_again, name="licence_send_again"),
    path("applicants/<int:pk>/", licences.applicant, name="applicant"),
    path("applicants/<int:pk>/refuse/", decisions.refuse, name="refuse"),
    path("acceptance/", acceptance.acceptance, name="acceptance"),
    path("acceptance/act/", acceptance.acceptance_act, name="acceptance_act"),
    path("deciding/", decisions.deciding, name="deciding"),
    path("deciding/grant/", decisions.grant, name="grant"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/serve/", decisions.serve, name="serve"),
    path("decisions/<int:pk>/letter/", decisions.letter, name="letter"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates/<int:pk>/", certificates.certificate, name="certificate"),
    path("cards/", cards.cards, name="cards"),
    path("cards/request/<int:certificate_id>/", cards.card_request, name="card_request"),
    path("cards/<int:pk>/print/", cards.card_print, name="card_print"),
    path("cards/<int:pk>/hand-over/", cards.card_hand_over, name="card_hand_over"),
    path("cards/<int:pk>/cancel/", cards.card_cancel, name="card_cancel"),
    path("dossiers/", dossiers.dossiers, name="dossiers"),
    path("dossiers/<int:pk>/", dossiers.dossier, name="dossier"),
    path("dossiers/<int:pk>/seal/", dossiers.dossier_seal, name="dossier_seal"),
    path("dossiers/<int:pk>/classes/<int:plan_id>/", dossiers.dossier_part, name="dossier_part"),
]
