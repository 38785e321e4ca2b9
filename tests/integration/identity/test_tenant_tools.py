"""`rivermouth tenants`: the operator makes houses."""

import pytest

from identity.principals.errors import EmailTaken
from identity.security.errors import PasswordTooWeak
from rivermouth import tenant_tools

PASSWORD = "granite violin under nine lanterns"


def test_the_operator_makes_a_house(database, capsys, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_DATABASE_URL", database.engine)
    tenant_tools.create("Third House", hosts=["Third.example"], admin="admin@third.example", password=PASSWORD)
    tenant_tools.show()
    printed = capsys.readouterr().out
    assert "Third House  (third.example)" in printed
    assert "administrator admin@third.example" in printed
    with pytest.raises(EmailTaken):
        tenant_tools.create("Fourth House", hosts=[], admin="admin@third.example", password=PASSWORD)
    with pytest.raises(PasswordTooWeak):
        tenant_tools.create("Fourth House", hosts=[], admin="admin@fourth.example", password="password1")
    tenant_tools.show()
    assert "Fourth" not in capsys.readouterr().out
