"""`sagemaker_containers`, the toolkit of AWS's older images, on top of its successor `sagemaker_training`.

The successor has the same functions under names without an underscore. `beta.framework` has what scripts import.
"""

import sys

from sagemaker_training import (
    content_types,
    encoders,
    entry_point,
    environment,
    errors,
    files,
    functions,
    logging_config,
    mapping,
    modules,
    params,
    process,
    record_pb2,
    recordio,
    runner,
)

for _name, _module in {
    "_content_types": content_types,
    "_encoders": encoders,
    "_env": environment,
    "_errors": errors,
    "_files": files,
    "_functions": functions,
    "_logging": logging_config,
    "_mapping": mapping,
    "_modules": modules,
    "_params": params,
    "_process": process,
    "_recordio": recordio,
    "_runner": runner,
    "entry_point": entry_point,
    "record_pb2": record_pb2,
}.items():
    # As a module, too, so that `from sagemaker_containers._recordio import …` finds it.
    sys.modules[f"{__name__}.{_name}"] = _module
    globals()[_name] = _module
