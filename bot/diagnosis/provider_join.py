"""What is known of a provider beside what its server offers; never a problem of its own."""

from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge

__all__ = ["sign_in_details"]

_APP_PASSWORD = "app-password"
_PASSWORD = "password"


def sign_in_details(host: str, knowledge: Knowledge) -> dict[str, str]:
    """`app_password_at`: the provider's name, if only an app password is taken at `host`.

    The list of mechanisms cannot tell it: an app password is sent like any other.
    """
    provider = directory_of(knowledge).by_host(host)
    if provider is None:
        return {}
    servers = [server for server in provider.outgoing if server.host == host.lower()]
    ways = [server.auth for server in servers]
    if ways and all(_APP_PASSWORD in auth and _PASSWORD not in auth for auth in ways):
        return {"app_password_at": provider.name}
    return {}
