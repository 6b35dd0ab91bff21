"""Where artifacts lie, who is who, and what is made from what.

The Snakefile, the planner, the pages and the tests all ask here: each of these questions is decided in one place.
"""

from h2h.io.person_folder import PEOPLE, identity_file
from h2h.layout.goals import Wanted, everything, flow_jobs, goal_of, involved, quickstart, telling, with_page
from h2h.layout.networks import flow_network, flow_of, fold_in, network, released, trained_on, trunk
from h2h.layout.paths import FLOW_NETWORK, PREPROCESSING, TARGETS, Layout
from h2h.layout.people import VIDEO_SUFFIXES, Cast, cast, find_people
from h2h.layout.table_jobs import check_names, cycles, figures, jobs, judged, pictured, tables, transfers

__all__ = [
    "FLOW_NETWORK", "PEOPLE", "PREPROCESSING", "TARGETS", "VIDEO_SUFFIXES", "Cast", "Layout", "Wanted", "cast",
    "check_names", "cycles", "everything", "figures", "find_people", "flow_jobs", "flow_network", "flow_of", "fold_in",
    "goal_of", "identity_file", "involved", "jobs", "judged", "network", "pictured", "quickstart", "released", "tables",
    "telling", "trained_on", "transfers", "trunk", "with_page",
]  # fmt: skip
