from django.urls import path

from certification.deadlines.views import explanation

app_name = "deadlines"

urlpatterns = [path("<int:pk>/", explanation.explanation, name="explanation")]
