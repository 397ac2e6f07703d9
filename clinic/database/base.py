"""Django's PostgreSQL backend, told that a clinic's tables have a primary key of two columns."""

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.models import Model

from clinic.wall.constraints import ClinicWall


class DatabaseFeatures(PostgresFeatures):
    def allows_group_by_selected_pks_on_model(self, model: type[Model]) -> bool:
        """PostgreSQL infers the other columns from a whole primary key only, and Django groups by `id` alone."""
        walled = any(isinstance(constraint, ClinicWall) for constraint in model._meta.constraints)
        return not walled and super().allows_group_by_selected_pks_on_model(model)


class DatabaseWrapper(PostgresWrapper):
    features_class = DatabaseFeatures
