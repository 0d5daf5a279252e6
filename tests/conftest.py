"""What holds for every test: generated examples are new at each run of a person, and the same in CI.

A gate must not refuse a change for what another one did; a person's own runs go on looking for what nobody thought of.
"""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
