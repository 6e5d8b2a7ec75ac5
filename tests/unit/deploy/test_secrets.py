"""Key files are made once, in the form that services read, and for their owner only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local import secrets
from services.runtime.settings import ServiceSettings


def test_services_can_read_what_was_made(tmp_path: Path) -> None:
    env = secrets.ensure(tmp_path / "secrets")
    settings = ServiceSettings(
        id_key_file=Path(env["ID_KEY_FILE"]), pseudonym_keys_file=Path(env["PSEUDONYM_KEYS_FILE"])
    )
    assert settings.id_key().uuid("a") != settings.id_key().uuid("b")
    assert settings.pseudonym_keys() is not None


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: secrets.ensure(tmp_path), range(8)))
    first = {name: Path(path).read_bytes() for name, path in made[0].items()}
    assert {name: Path(path).read_bytes() for name, path in secrets.ensure(tmp_path).items()} == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["id.key", "pseudonym-keys.json"]


def test_others_cannot_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for path in map(Path, secrets.ensure(folder).values()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_every_stack_has_keys_of_its_own(tmp_path: Path) -> None:
    one, other = (Path(secrets.ensure(tmp_path / name)["ID_KEY_FILE"]).read_text() for name in ("a", "b"))
    assert one != other
