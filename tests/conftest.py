"""What holds for every test: generated examples are new at each run of a person, and the same in CI.

A gate must not refuse a change for what another one did; a person's own runs go on looking for what nobody thought of.
No example is timed: what a busy machine delays is no failure, and each test has its own time limit.
"""

import os

from hypothesis import settings

settings.register_profile("person", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "person")
