"""The site, and beside it on the same server the least that could be: one INSERT in a view without middleware.

gunicorn benchmarks.floor:application
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid7

from clinic.wsgi import application as site


class Floor(WSGIHandler):
    """Django's handler, its middleware and its URLs left out."""

    def get_response(self, request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO benchmark_floor (id, body) VALUES (%s, %s)", [uuid7(), request.body.decode()])
        return HttpResponse(status=201)


floor = Floor()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return (floor if environ["PATH_INFO"] == "/floor/" else site)(environ, start_response)
