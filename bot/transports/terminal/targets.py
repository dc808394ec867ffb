"""Targets on a command line: what a person typed may begin like an option and is none."""

import click

__all__ = ["TargetCommand", "as_typed"]

_HELD = "\0"  # marks a word that is no option; no command line can carry it


class TargetCommand(click.Command):
    """A command whose options are all spelt out, so that `-mail.example.com` is a target."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the words; those that can only be targets are kept from being read as options."""
        end = args.index("--") if "--" in args else len(args)
        held = [_HELD + word if _is_target(word) else word for word in args[:end]]
        return super().parse_args(ctx, held + args[end:])


def as_typed(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a target as they were typed."""
    del ctx, param
    return tuple(word.removeprefix(_HELD) for word in words)


def _is_target(word: str) -> bool:
    """Whether a word with a hyphen before it is none of an option's: those have no dot or colon."""
    name = word.removeprefix("-")
    if name == word or not name:
        return False
    if name.startswith("-"):
        return "=" not in name and any(sign in name for sign in ".:")
    return len(name) > 1
