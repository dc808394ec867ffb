"""A Slack that minds its rules, and the bot in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from slack_bot import Bot, serving
from standin import StandIn

from bot.knowledge.schema import Knowledge
from bot.probes.prober import NetworkProber

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A workspace with our app, as the manifest has it; no rule may have been broken at the end."""
    manifest = yaml.safe_load(MANIFEST.read_text("utf-8"))
    async with StandIn(manifest=manifest) as workspace:
        yield workspace
        assert workspace.violations == [], workspace.dump()


@pytest.fixture
async def bot(
    slack: StandIn, tmp_path: Path, prober: NetworkProber, knowledge: Knowledge
) -> AsyncIterator[Bot]:
    """The bot in that workspace."""
    async with serving(slack, tmp_path / "slack.db", prober, knowledge) as running:
        yield running
