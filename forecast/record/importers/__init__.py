"""Published data sets as records: one data set per module, each mapped to the words of the record, never shipped."""

from forecast.record.importers.draft import Import, Tally
from forecast.record.importers.write import IMPORTERS, import_record

__all__ = ["IMPORTERS", "Import", "Tally", "import_record"]
