"""What all tests share: how the property tests run."""

from hypothesis import settings

# A machine that stalls for a moment is no fault of the code under test.
settings.register_profile("openrum", deadline=None)
settings.load_profile("openrum")
