"""Text → values, pure: a complaint out of a message, a target out of what was typed."""
