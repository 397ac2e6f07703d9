class Trouble(Exception):
    """What stops a local start, as one sentence that says what to do."""
