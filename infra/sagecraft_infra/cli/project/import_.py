"""`sagecraft import`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.choices import choice
from sagecraft_infra.cli.terminal.options import PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.errors import UserError
from sagecraft_infra.importing.existing import find_existing
from sagecraft_infra.importing.writing import import_existing
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.project.region import check_region
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note


def import_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A training job, an endpoint or a notebook instance.")],
    *,
    kind: Annotated[
        Importable | None,
        choice(["--kind", "-k"], "What NAME is.", NOUNS.importables, show_default="looked for among all"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            show_default="standard output",
            help="The Python file to write; what 'cdk import' needs goes beside it, as FILE.import.json.",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", show_default="that of the environment or profile", help="Where it is.")
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Write the construct code for a training job, an endpoint or a notebook instance that exists.

    What cannot be written as code is named in comments.
    """
    if output is not None and output.suffix != ".py":
        raise UserError(f"--output: '{output}' must end in .py.")
    chosen = target_of(target, port, state_dir)
    if chosen.is_local:
        emulator_process.require(chosen.project.settings)
    place = chosen.region if region is None else check_region(region, "--region")
    existing = find_existing(chosen, place, name, NOUNS.importables if kind is None else (kind,))
    imported = import_existing(chosen, place, existing)
    if output is None:
        sys.stdout.write(imported.source)
        return
    mapping = output.with_suffix(".import.json")
    try:
        output.write_text(imported.source, encoding="utf-8")
        if imported.mapping:
            mapping.write_text(json.dumps(imported.mapping, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{error.filename} cannot be written: {error.strerror}. Give another --output.") from error
    sys.stdout.write(f"{output}\n")
    if imported.mapping:
        note(
            f"To take over what exists, without a change to it: "
            f"cdk import --app 'python {output}' --resource-mapping {mapping}"
        )
    else:
        note(f"CloudFormation has no type for a {existing.kind.api.words}: deploying {output} runs another one.")
