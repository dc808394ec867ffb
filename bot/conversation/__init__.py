"""The conversation as a state machine: `machine.step(session, event, knowledge)`. Pure."""
