"""The stores and the landscape, opened once and handed to every asset.

Belongs here: wiring of settings to stores. Not here: what is read or written.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import dagster as dg

from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.mapping_layers import system_mappings
from finsync_dagster.connectors.layers import system_spec
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landscape.load import LandscapeTree
from finsync_dagster.landscape.model import Landscape, System
from finsync_dagster.orchestration.known_company import KnownCompany, known_company
from finsync_dagster.storage.lake import Lake
from finsync_dagster.storage.settings import Settings, settings
from finsync_dagster.storage.state.store import StateStore

AS_OF_TAG = "finsync/as_of"


class Workshop:
    """Everything an asset needs to do its work, opened when first used."""

    @cached_property
    def settings(self) -> Settings:
        """Locations, from the environment."""
        return settings()

    @property
    def landscape(self) -> Landscape:
        """The company."""
        return self._company.landscape

    @property
    def source(self) -> LandscapeTree:
        """The company as it is written, with files and lines."""
        return self._company.source

    @cached_property
    def lake(self) -> Lake:
        """Canonical and computed tables."""
        return Lake(self.settings.lake_url)

    @cached_property
    def landing(self) -> Landing:
        """What was received."""
        return Landing(self.settings.landing_url)

    @cached_property
    def state(self) -> StateStore:
        """What people change."""
        return StateStore(self.settings.database_url)

    def system(self, name: str) -> System:
        """A system of the landscape."""
        return self.landscape.systems[name]

    def systems_asked(self, entity_id: str) -> list[str]:
        """Systems in force for the entity today, by its own calendar."""
        zone = ZoneInfo(self.landscape.legal_entities[entity_id].calendar.timezone)
        return list(self.landscape.systems_asked(entity_id, datetime.now(zone).date()))

    def reach(self, name: str) -> Reach:
        """What it takes to reach a system, beside its address."""
        secrets = self.settings.secrets(self.system(name).connection)
        return Reach(secrets, shared=self.settings.shared, kept=self.settings.tokens)

    def spec(self, system_name: str) -> SystemSpec:
        """What its connector and the landscape say about its objects."""
        specs = self._company.specs
        if system_name not in specs:
            specs[system_name] = system_spec(self.source, system_name)
        return specs[system_name]

    def mappings(self, system_name: str) -> SystemMappings:
        """How its objects become canonical rows, by its connector and the landscape."""
        mappings = self._company.mappings
        if system_name not in mappings:
            objects = self.spec(system_name).objects
            mappings[system_name] = system_mappings(self.source, system_name, objects)
        return mappings[system_name]

    @cached_property
    def _company(self) -> KnownCompany:
        return known_company(self.settings.landscape)


class WorkshopResource(dg.ConfigurableResource):
    """The workshop as a Dagster resource; one per process, opened lazily."""

    def open(self) -> Workshop:
        """The workshop of the current environment."""
        return Workshop()


def as_of(context: dg.AssetExecutionContext) -> date:
    """The cut-off of this run: the tag ``finsync/as_of`` if set, otherwise the day it started.

    The day is taken from the run's record and not from the clock, so that a run that passes
    midnight does not change its mind between two assets.
    """
    stated = context.run.tags.get(AS_OF_TAG)
    return date.fromisoformat(stated) if stated else run_started(context).date()


def is_current(context: dg.AssetExecutionContext) -> bool:
    """Is the run about today, and not a look back at an earlier day?"""
    return as_of(context) >= run_started(context).date()


def run_started(context: dg.AssetExecutionContext) -> datetime:
    """When the run started, UTC."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    return record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)
