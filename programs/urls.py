from django.urls import path

from programs import views

urlpatterns = [path("<slug:key>.svg", views.picture, name="picture")]
