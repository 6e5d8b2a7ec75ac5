"""Every panel that people look at, defined once: its SQL and how it is drawn, for the report and for Grafana alike."""

from services.sink.panels.customers import CUSTOMERS
from services.sink.panels.definition import Panel
from services.sink.panels.now import NOW
from services.sink.panels.outages import OUTAGES
from services.sink.panels.pipeline import PIPELINE
from services.sink.panels.quality import QUALITY
from services.sink.panels.service import SERVICE
from services.sink.panels.volume import VOLUME

SECTIONS: dict[str, tuple[Panel, ...]] = {
    "Now": NOW,
    "Complaints": VOLUME,
    "Service levels": SERVICE,
    "Outages": OUTAGES,
    "Customers at risk": CUSTOMERS,
    "Quality of classification and masking": QUALITY,
    "Pipeline health": PIPELINE,
}
"""Sections in the order in which they are shown."""
PANELS: dict[str, Panel] = {panel.name: panel for panels in SECTIONS.values() for panel in panels}
"""All panels by name."""
