"""What the verbs of the command `forecast` do, by room: records, making, asking, archived runs."""
