import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BodyParser(JSONParser):
    """JSON out of `request.body`, for that is where Django refuses what is too large; the stream has no limit.

    Half a surrogate pair is refused: an answer that quotes it could not be sent.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = (parser_context or {})["request"].body
        data = super().parse(BytesIO(body), media_type, parser_context)
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError(_("There is a broken character in this.")) from error
        return data
