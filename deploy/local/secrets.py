"""Key files of the local stack: made once, random, readable by their owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
_FIRST_VALID = "2000-01-01T00:00:00Z"


def ensure(folder: Path) -> dict[str, str]:
    """Make the key files that are missing; the settings that name them.

    An existing key is never replaced: ids and pseudonyms made with it would no longer match.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    id_key, pseudonyms = folder / "id.key", folder / "pseudonym-keys.json"
    _write_once(id_key, _random_key())
    version = {"version": 1, "valid_from": _FIRST_VALID, "key": _random_key()}
    _write_once(pseudonyms, json.dumps({"keys": [version]}))
    return {"ID_KEY_FILE": str(id_key.absolute()), "PSEUDONYM_KEYS_FILE": str(pseudonyms.absolute())}


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write_once(path: Path, text: str) -> None:
    """Write the file whole or not at all, unless it exists."""
    if path.exists():
        return
    fresh = path.with_suffix(f".{secrets.token_hex(8)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        fresh.unlink()
