"""What people in Studio work with."""

from enum import StrEnum


class StudioAppType(StrEnum):
    """The apps of Studio; the last two are those of Studio Classic.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-apps.html
    """

    JUPYTER_LAB = "JupyterLab"
    CODE_EDITOR = "CodeEditor"
    JUPYTER_SERVER = "JupyterServer"
    KERNEL_GATEWAY = "KernelGateway"
