"""Finds outages in bursts of complaints."""

from services.classifier.outages.areas import AreaTree
from services.classifier.outages.calendar import Calendar, Planned
from services.classifier.outages.detector import Detector
from services.classifier.outages.rules import Rules

__all__ = ["AreaTree", "Calendar", "Detector", "Planned", "Rules"]
