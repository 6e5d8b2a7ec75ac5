"""The outage detector alone as a Faust application, for test_outage_agent.py."""

from services.classifier.outages import agent
from services.runtime import worker
from services.runtime.settings import ServiceSettings, load

settings = load(ServiceSettings)
app = worker.faust_app("classifier", settings, settings.data_dir / "classifier-faust")
agent.attach(app, settings)
