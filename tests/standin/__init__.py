"""A stand-in for Slack: the Web API and Socket Mode on loopback, as strict as the real ones.

It speaks the wire to an unmodified slack_sdk or slack_bolt, in this process or another one:

    async with StandIn() as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        anna = slack.add_user("anna")
        await slack.says(anna, slack.open_dm(anna), "my mail does not go out")
        await slack.until(lambda: slack.messages(dm)[-1].bot)
        assert slack.violations == []

Every rule names the page of docs.slack.dev that it comes from. `slack.violations` holds every
breach of one by the app, and also what Slack would let pass but people would not like.
"""

from standin.deliveries import Delivery
from standin.journal import Call, ImpossibleError, NeverCameError
from standin.standin import StandIn
from standin.texts import typed
from standin.views import View
from standin.workspace import Ephemeral, Message

__all__ = [
    "Call",
    "Delivery",
    "Ephemeral",
    "ImpossibleError",
    "Message",
    "NeverCameError",
    "StandIn",
    "View",
    "typed",
]
