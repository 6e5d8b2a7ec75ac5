"""The cleaner as a Faust application: faust -A services.cleaner.app worker"""

from pathlib import Path

from services.cleaner.handler import SPEC, Cleaner
from services.cleaner.masking import Masker
from services.domain.places import Gazetteer
from services.runtime import worker
from services.runtime.codec import codec_of
from services.runtime.health import Health
from services.runtime.settings import ServiceSettings, load
from services.runtime.stage import Stage

settings = load(ServiceSettings)
settings.check_secrets()
app = worker.faust_app("cleaner", settings, Path(settings.data_dir) / "cleaner-faust")


def build(health: Health) -> Stage:
    """The stage with everything it needs."""
    codec = codec_of(settings)
    handler = Cleaner(codec, Masker.load(), settings.pseudonym_keys(), Gazetteer.load())
    return Stage(settings, SPEC, handler, health, codec)


worker.host(app, "cleaner", settings, build)
