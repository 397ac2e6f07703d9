{% load static %}importScripts("{% static "js/push-sw.js" %}");
