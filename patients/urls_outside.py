"""Addresses outside of any clinic: a service worker serves what lies below its own address."""

from django.urls import path

from patients.views import offline

urlpatterns = [
    path("worker.js", offline.worker, name="worker"),
    path("without-signal/", offline.nothing_kept, name="nothing-kept"),
]
