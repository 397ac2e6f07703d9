"""What all have in common that a device may send later."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

LONGEST_WAIT = int(timedelta(days=3650).total_seconds())


class StrictSerializer(serializers.Serializer):
    """Refuses fields that it does not know: a misspelt answer must not be lost."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class WaitedField(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        options = {"default": 0} | options
        super().__init__(
            help_text="How long the device kept the entry before it sent it, by the device's own clock.", **options
        )


def waited_of(said: dict[str, Any]) -> timedelta:
    """Takes the wait out of what was said. An absurd one stays absurd: the action decides what becomes of it."""
    return timedelta(seconds=max(-LONGEST_WAIT, min(said.pop("waited_seconds"), LONGEST_WAIT)))
