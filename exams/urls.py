"""Addresses of examinations."""

from django.http import Http404
from django.urls import path

app_name = "exams"


def _coming(request, **kwargs):
    raise Http404


urlpatterns = [
    path("classes/", _coming, name="class_list"),
    path("classes/<int:plan_id>/", _coming, name="class_applications"),
    path("classes/<int:plan_id>/build/", _coming, name="application_build"),
    path("classes/<int:plan_id>/session/", _coming, name="session_choose"),
    path("classes/<int:plan_id>/submit/", _coming, name="application_submit"),
    path("classes/<int:plan_id>/withdraw/", _coming, name="application_withdraw"),
    path("classes/<int:plan_id>/materials/", _coming, name="materials_upload"),
    path("applications/", _coming, name="application_list"),
    path("applications/<int:pk>/", _coming, name="application_detail"),
    path("applications/<int:pk>/answer/", _coming, name="application_answer"),
    path("applications/<int:pk>/materials/", _coming, name="material_upload"),
    path("sessions/", _coming, name="session_list"),
    path("sessions/announce/", _coming, name="session_announce"),
    path("sessions/<int:pk>/", _coming, name="session_detail"),
    path("sessions/<int:pk>/rooms/", _coming, name="session_rooms"),
    path("sessions/<int:pk>/seats/", _coming, name="session_seat"),
    path("sessions/<int:pk>/staff/", _coming, name="session_staff"),
    path("sessions/<int:pk>/hold/", _coming, name="session_hold"),
    path("sessions/<int:pk>/tickets/", _coming, name="session_tickets"),
    path("sessions/<int:pk>/sign-in/<str:part>/", _coming, name="sign_in_list"),
    path("sessions/<int:pk>/move/", _coming, name="candidates_move"),
    path("staff/<int:pk>/end/", _coming, name="staff_end"),
    path("candidates/<int:pk>/ticket/", _coming, name="candidate_ticket"),
    path("sites/", _coming, name="site_list"),
    path("sites/new/", _coming, name="site_create"),
    path("sites/<int:pk>/", _coming, name="site_edit"),
    path("sites/<int:pk>/rooms/new/", _coming, name="room_create"),
    path("rooms/<int:pk>/", _coming, name="room_edit"),
    path("pool/", _coming, name="pool"),
    path("pool/assign/", _coming, name="pool_assign"),
    path("hours/", _coming, name="hours"),
    path("hours/confirm/", _coming, name="hours_confirm"),
    path("plans/", _coming, name="plan_list"),
    path("plans/new/", _coming, name="plan_create"),
    path("plans/<int:pk>/", _coming, name="plan_detail"),
    path("plans/<int:pk>/edit/", _coming, name="plan_edit"),
    path("plans/<int:pk>/file/", _coming, name="plan_file"),
    path("plans/<int:pk>/answer/", _coming, name="plan_answer"),
    path("duties/", _coming, name="duty_list"),
    path("duties/<int:pk>/", _coming, name="duty_detail"),
    path("results/", _coming, name="results_list"),
    path("results/<int:pk>/", _coming, name="results"),
    path("results/<int:pk>/<str:part>/enter/", _coming, name="results_enter"),
    path("results/<int:pk>/<str:part>/check/", _coming, name="results_check"),
    path("results/<int:pk>/<str:part>/send-back/", _coming, name="results_send_back"),
    path("results/<int:pk>/release/", _coming, name="results_release"),
]
