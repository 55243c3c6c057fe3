from django.urls import path

from training.views import answers, entries, filing, moving, plans, rosters, trainees

app_name = "training"

urlpatterns = [
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/new/", filing.plan_create, name="plan_create"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/edit/", filing.plan_edit, name="plan_edit"),
    path("plans/<int:pk>/file/", filing.plan_file, name="plan_file"),
    path("plans/<int:pk>/move/", moving.plan_move, name="plan_move"),
    path("plans/<int:pk>/withdraw/", filing.plan_withdraw, name="plan_withdraw"),
    path("plans/acknowledge/", answers.acknowledge_many, name="acknowledge_many"),
    path("receipts/<int:pk>/acknowledge/", answers.receipt_acknowledge, name="receipt_acknowledge"),
    path("receipts/<int:pk>/return/", answers.receipt_return, name="receipt_return"),
    path("receipts/<int:pk>/reject/", answers.receipt_reject, name="receipt_reject"),
    path("rosters/", rosters.roster_list, name="roster_list"),
    path("plans/<int:pk>/roster/", rosters.roster, name="roster"),
    path("plans/<int:pk>/roster/template/", rosters.roster_template, name="roster_template"),
    path("plans/<int:pk>/roster/upload/", rosters.roster_upload, name="roster_upload"),
    path("plans/<int:pk>/roster/enter/", entries.trainee_enter, name="trainee_enter"),
    path("rosters/<int:pk>/", rosters.roster_version, name="roster_version"),
    path("trainees/<int:pk>/", trainees.trainee, name="trainee"),
    path("trainees/<int:pk>/withdraw/", entries.trainee_withdraw, name="trainee_withdraw"),
    path("trainees/<int:pk>/substitute/", entries.trainee_substitute, name="trainee_substitute"),
    path("trainees/<int:pk>/number/", trainees.trainee_number, name="trainee_number"),
]
