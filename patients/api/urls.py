from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from patients.api import answers, views

PATIENT = "clinic/<slug:clinic>/patients/<uuid:patient>"

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", views.documentation, name="api-documentation"),
    path(f"{PATIENT}/prescriptions/", views.PrescriptionsView.as_view(), name="api-prescriptions"),
    path(f"{PATIENT}/logs/", views.LogsView.as_view(), name="api-logs"),
    path(f"{PATIENT}/logs/<uuid:log>/withdraw/", views.WithdrawView.as_view(), name="api-withdraw"),
    path(f"{PATIENT}/mornings/", answers.MorningsView.as_view(), name="api-mornings"),
    path(f"{PATIENT}/red-flags/", answers.RedFlagsView.as_view(), name="api-red-flags"),
    path(f"{PATIENT}/adherence/", views.AdherenceView.as_view(), name="api-adherence"),
    re_path("^clinic/", views.nothing_here),
]
