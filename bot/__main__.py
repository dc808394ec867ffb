"""`python -m bot` is `mailmedic`."""

from bot.cli import main

main()
