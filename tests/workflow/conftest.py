"""See `workflow.shared`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from workflow.shared import finished, plain, project

__all__ = ["finished", "plain", "project"]
