"""DATA. The error catalogue: for every refusal and finding its words, and what to do, in the reader's own console.

Nothing here decides anything. A class says what is wrong, a `Problem` says it in words, a guide says where the field
stands, and `explain` joins the three for one reader.
"""

from ostiary.problems.explain import Explanation, Otherwise, Reader, Row, described, explain, explain_named
from ostiary.problems.problem import Fixer
from ostiary.problems.refining.owners import AMONG_SIBLINGS

__all__ = [
    "explain",
    "explain_named",
    "described",
    "Explanation",
    "Row",
    "Otherwise",
    "Reader",
    "Fixer",
    "AMONG_SIBLINGS",
]
