"""Published data sets as panels of past episodes, from which the global parameters of the model are learned."""

from forecast.record.history.agreements import agreement_panel
from forecast.record.history.confrontations import confrontation_panel

__all__ = ["agreement_panel", "confrontation_panel"]
