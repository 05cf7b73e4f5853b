"""Every error of the emulator.

EmulatorError
├── ApiError                 answered to the client, with AWS's code and text
├── RecordExists             a record of that kind and name is there already
├── RecordMissing            there is none
├── InvalidTransition        a status that does not follow the present one: our fault, never a client's
├── JobFailed                a job cannot go on, for the reason that its record will give
├── UnknownImage             no local program is known for an image
├── RequestNotSent           no connection to a container: it has seen nothing of the request
├── RequestLost              a container took a request and gave no answer
├── TaskError                a task of a state machine failed, with AWS's error name and its cause
├── TaskAborted              a task of a state machine was aborted while it waited
├── StartError               the emulator cannot start; the user can mend it
└── NodeSdkError             Node.js or its AWS SDK is missing and cannot be installed
"""


class EmulatorError(Exception):
    """Root of the tree."""


class ApiError(EmulatorError):
    """An error answer of the API.

    Args:
        code: AWS's error code, such as `ValidationException`.
        message: AWS's text.
        http_status: Status of the HTTP answer.
    """

    def __init__(self, code: str, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status


def validation_error(message: str) -> ApiError:
    """The error that SageMaker answers to nearly every wrong request."""
    return ApiError("ValidationException", message)


def resource_in_use(message: str) -> ApiError:
    """The error for what something else needs, or that is there already, of the newer kinds of resources."""
    return ApiError("ResourceInUse", message)


def resource_not_found(message: str) -> ApiError:
    """The error for what is not there, of the newer kinds of resources."""
    return ApiError("ResourceNotFound", message)


class NotDone(str):
    """A problem of a request that AWS would take, and that the emulator does not do: it is answered with 501."""


def not_done(message: str) -> ApiError:
    """The error for what AWS does and the emulator does not; clients neither mend nor repeat the request."""
    return ApiError("NotImplemented", message, 501)


class RecordExists(EmulatorError):
    """A record of that kind and name is there already."""


class RecordMissing(EmulatorError):
    """There is no record of that kind and name."""


class InvalidTransition(EmulatorError):
    """A status that cannot follow the present one."""


class JobFailed(EmulatorError):
    """A job cannot go on; the message becomes its `FailureReason`."""


class UnknownImage(EmulatorError):
    """No local program is known for an image."""


class RequestNotSent(EmulatorError):
    """No connection could be made, so the container has seen nothing of the request: it can be sent elsewhere."""


class RequestLost(EmulatorError):
    """The connection closed, or brought something else than HTTP, after the request was sent."""


class TaskError(EmulatorError):
    """A task of a state machine failed.

    Args:
        error: The name by which the state machine can catch it, such as `States.TaskFailed`.
        cause: What happened.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class TaskAborted(EmulatorError):
    """A task was aborted while it waited."""


class StartError(EmulatorError):
    """The emulator cannot start, for a reason that the user can mend."""


class NodeSdkError(EmulatorError):
    """Node.js or the AWS SDK for JavaScript is missing and cannot be installed."""
