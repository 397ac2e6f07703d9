"""Addresses outside of any clinic: a service worker serves what lies below its own address."""

from django.urls import path

from patients.views import offline, own_week

urlpatterns = [
    path("worker.js", offline.worker, name="worker"),
    path("my-week/stop/<str:token>/", own_week.stop, name="own-week-stop"),
    path("without-signal/", offline.nothing_kept, name="nothing-kept"),
]
