import os

from django.core.wsgi import get_wsgi_application

from clinic.wall.guard import refuse_to_bypass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

refuse_to_bypass()
application = get_wsgi_application()
