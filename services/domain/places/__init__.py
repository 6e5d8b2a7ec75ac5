"""Places of Nigeria: from texts, form fields and coordinates to states and local government areas."""

from services.domain.places.gazetteer import Gazetteer
from services.domain.places.place import NOWHERE, Place

__all__ = ["NOWHERE", "Gazetteer", "Place"]
