"""What was seen: the record of signals, force and outcomes, its rules, and how it stood on any day."""

from forecast.record.asof import as_of, information_cutoff
from forecast.record.check import check_record
from forecast.record.facts import add_facts
from forecast.record.problem import Problem
from forecast.record.read import Record, read_questions, read_record, record_hashes
from forecast.record.reference import with_reference
from forecast.record.template import init_record

__all__ = [
    "Problem",
    "Record",
    "add_facts",
    "as_of",
    "check_record",
    "information_cutoff",
    "init_record",
    "read_questions",
    "read_record",
    "record_hashes",
    "with_reference",
]
