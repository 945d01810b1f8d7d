"""Settings come from defaults, environment and options, in rising order, and refuse what cannot be used."""

from pathlib import Path

import pytest

from openrum.settings import Settings, SettingsError, read_limits, read_settings


def test_defaults_hold_where_nothing_is_said():
    assert read_settings({}) == Settings()


def test_the_environment_wins_over_defaults_and_an_option_over_both():
    environment = {"OPENRUM_PORT": "9000", "OPENRUM_DATA_DIR": "elsewhere", "OPENRUM_AUTH": "off"}
    settings = read_settings(environment, port=9001, host=None)
    assert (settings.port, settings.data_dir, settings.auth) == (9001, Path("elsewhere"), False)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"OPENRUM_PORT": "many"}, "whole number"),
        ({"OPENRUM_PORT": "70000"}, "port is 70000"),
        ({"OPENRUM_AUTH": "perhaps"}, "on or off"),
        ({"OPENRUM_ACCOUNT_ID": "12"}, "12 digits"),
        ({"OPENRUM_RETENTION_DAYS": "0"}, "retention_days"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(environment, says):
    with pytest.raises(SettingsError, match=says):
        read_settings(environment)


def test_a_limit_is_set_by_its_variable():
    assert read_limits({"OPENRUM_LIMIT_QUERY_ROWS": "500"}).query_rows == 500


def test_an_unknown_limit_is_refused():
    with pytest.raises(SettingsError, match="OPENRUM_LIMIT_QUERY_ROW names no limit"):
        read_limits({"OPENRUM_LIMIT_QUERY_ROW": "500"})


def test_limits_that_do_not_fit_together_are_refused():
    with pytest.raises(SettingsError, match="body_wire_bytes <= body_unpacked_bytes must hold"):
        read_limits({"OPENRUM_LIMIT_BODY_UNPACKED_BYTES": "1024"})
