"""The one hierarchy of errors. Messages say what was wrong, where and what to do; never the value of personal data."""


class PipelineError(Exception):
    """Base of all errors that this project raises on purpose. Its message is safe to log."""


class SettingsError(PipelineError):
    """A setting is missing or wrong: the service must not start."""


class CodecError(PipelineError):
    """Bytes could not be read as, or a value not be written as, the expected record."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        """One of DEAD_LETTER_REASONS."""


class BrokerBusy(PipelineError):
    """The broker does not keep up or is away: try again later."""


class FatalStageError(PipelineError):
    """The stage was fenced or lost its footing: local state is void and the process must end."""
