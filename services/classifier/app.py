"""The classifier and the outage detector as one Faust application: faust -A services.classifier.app worker"""

from pathlib import Path

from services.classifier.clocks import Clocks
from services.classifier.handler import SPEC, ClassifierHandler
from services.classifier.model import Classifier
from services.classifier.open_incidents import OpenIncidents
from services.classifier.outages import agent
from services.classifier.settings import ClassifierSettings
from services.domain.places import Gazetteer
from services.runtime import worker
from services.runtime.codec import codec_of
from services.runtime.errors import SettingsError
from services.runtime.health import Health
from services.runtime.settings import load, stop
from services.runtime.stage import Stage

settings = load(ClassifierSettings)
try:
    clocks = Clocks.load(settings.clock_policies_file)
except SettingsError as error:
    stop(f"setting CLOCK_POLICIES_FILE: {error}")
app = worker.faust_app("classifier", settings, Path(settings.data_dir) / "classifier-faust")


def build(health: Health) -> Stage:
    """The stage with everything it needs."""
    codec = codec_of(settings)
    incidents = OpenIncidents()
    incidents.follow(settings, codec_of(settings))
    handler = ClassifierHandler(codec, Classifier.load(), Gazetteer.load(), clocks, incidents.of)
    return Stage(settings, SPEC, handler, health, codec)


worker.host(app, "classifier", settings, build)
agent.attach(app, settings)
