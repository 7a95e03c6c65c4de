"""What the property tests of the model need."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("no deadline", deadline=None)
if settings.get_current_profile_name() == "default":
    settings.load_profile("no deadline")
