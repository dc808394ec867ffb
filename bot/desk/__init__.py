"""The only shell around the pure core: it performs what the conversation decides.

`ports` says what it needs from the world; adapters in `probes` and `store` provide it.
"""
