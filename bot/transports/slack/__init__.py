"""Slack: the same conversation in messages with buttons.

A listener translates and hands over; what the desk says comes back as replies and goes out as
messages. How a reply becomes one:

1. `bot.model.plain` gives the reply's lines, cleaned of all that could act on a reader. They are
   the same in the terminal, and they are the message's `text`, which notifications show.
2. `controls` turns options and fields into buttons and inputs. Their ids (`ids`) carry what comes
   back when one is used, and their value the session's revision, so that an old button is known.
3. `limits` cuts the lines to the room that is left: Slack refuses a message that is too long as a
   whole, and a message without its buttons would end the conversation.
4. `blocks` sets the lines as `rich_text`, where nothing that a server or a person wrote is ever
   read as markup: `<!channel>` stays the letters that it is.
5. `rendering` puts the parts together, for replies, for checks and for what slash commands show.
"""
