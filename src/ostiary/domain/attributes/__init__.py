"""What the attributes of an answer say: values and groups by name, and the names under which others send the same.

Nothing is ever read under a name that the connection does not have; a name that is well known is only suggested.
"""

from ostiary.domain.attributes.values import LONGEST_GROUP, MOST_GROUPS, Values, is_showable
from ostiary.domain.attributes.well_known import PersonField, suggested

__all__ = ["LONGEST_GROUP", "MOST_GROUPS", "PersonField", "Values", "is_showable", "suggested"]
