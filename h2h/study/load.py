"""Read a study's plan and key, and check that they belong together."""

from __future__ import annotations

from h2h.config import validate
from h2h.errors import UserError
from h2h.io.study_folder import REMEDY, StudyFolder
from h2h.study.plan import Key, Plan


def load_plan(folder: StudyFolder) -> Plan:
    """The plan of a study.

    Raises:
        UserError: it is missing, malformed, or was changed after the study was built.
    """
    value = folder.read(folder.plan)
    name = value.pop("study", None)
    plan = validate(Plan, value, str(folder.plan))
    if plan.study != name:
        raise UserError(f"{folder.plan} was changed: it is not the study {name} any more", REMEDY)
    return plan


def load_key(folder: StudyFolder, plan: Plan) -> Key:
    """Which clip is what.

    Raises:
        UserError: it is missing, malformed, or of another study.
    """
    key = validate(Key, folder.read(folder.key), str(folder.key))
    if key.study != plan.study or set(key.clips) != set(plan.clips):
        raise UserError(f"{folder.key} belongs to another study", REMEDY)
    return key
