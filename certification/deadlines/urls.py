from django.urls import path

from certification.deadlines import views

app_name = "deadlines"

urlpatterns = [path("<int:pk>/", views.explanation, name="explanation")]
