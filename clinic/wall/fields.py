"""The two fields that carry the clinic into every key. A model that has them needs nothing else."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import BaseConstraint, Model
from uuid_utils.compat import uuid7

from clinic.wall.constraints import ClinicReference, ClinicWall
from clinic.wall.scope import open_clinic_id


def add_constraint(model: type[Model], constraint: BaseConstraint) -> None:
    """Add to the model's Meta as if it stood there, so that migrations find it; not to migrations' own models."""
    meta = model._meta
    if meta.abstract or model.__module__ == "__fake__":
        return
    meta.constraints = [*meta.constraints, constraint]
    meta.original_attrs["constraints"] = meta.constraints


class ClinicKey(models.ForeignKey):
    """The clinic a row belongs to: the open one, unless said otherwise. Puts the model behind the wall."""

    def __init__(self, *args: Any, wall: type[ClinicWall] = ClinicWall, **kwargs: Any) -> None:
        self.wall = wall
        defaults: dict[str, Any] = {
            "to": "clinic.Clinic",
            "on_delete": models.PROTECT,
            "default": open_clinic_id,
            "editable": False,
            "db_index": False,
            "related_name": "+",
        }
        super().__init__(*args, **defaults | kwargs)

    def contribute_to_class(self, cls: type[Model], name: str, private_only: bool = False, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, private_only, **kwargs)
        add_constraint(cls, self.wall(name=f"{cls._meta.db_table}_wall"))


class TenantForeignKey(models.ForeignKey):
    """A foreign key that can only point at a row of the same clinic."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{**kwargs, "db_constraint": False, "db_index": False})

    def contribute_to_class(self, cls: type[Model], name: str, private_only: bool = False, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, private_only, **kwargs)
        add_constraint(cls, ClinicReference(field=name, name=f"{cls._meta.db_table}_{self.column}_clinic"))


class ClinicModel(models.Model):
    """A row that belongs to one clinic. Its `id` may be given by who makes it, such as a phone without a signal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic: models.ForeignKey[Any, Any] = ClinicKey()
    clinic_id: UUID

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Forms leave `clinic` out, and Django would then skip every constraint that names it."""
        super().validate_constraints(exclude={*(exclude or ())} - {"clinic"})
