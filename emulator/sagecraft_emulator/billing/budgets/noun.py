"""What the engine is told of budgets' actions, which are records as SageMaker's are."""

from typing import Final

from sagecraft_emulator.noun.noun import Made, Noun

from .action import KIND, STATES

ACTIONS: Final = Noun(make=lambda means: Made(kinds=[]), states={KIND: STATES})  # noqa: ARG005 - nothing goes on behind them
