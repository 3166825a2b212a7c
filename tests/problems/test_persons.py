"""What a person reads where their provider has sent an error in their place: theirs to mend, or their admin's."""

import pytest

from ostiary.domain.connection import Protocol
from ostiary.guides import guide
from ostiary.problems.problem import NO_ACCESS, SETUP, TURNED_BACK, UserText
from ostiary.problems.refining.persons import for_sign_in


@pytest.mark.parametrize(
    ("key", "error", "description", "reads"),
    [
        ("google", "access_denied", "", TURNED_BACK),
        ("oidc", "access_denied", "", TURNED_BACK),
        ("okta", "access_denied", "The resource owner denied the request.", TURNED_BACK),
        ("oidc", "access_denied", "The resource owner or authorization server denied the request.", TURNED_BACK),
        ("auth0", "access_denied", "User did not authorize the request", TURNED_BACK),
        ("onelogin", "access_denied", "End-User aborted interaction", TURNED_BACK),
        ("entra", "access_denied", "AADSTS65004: User declined to consent to access the app.", TURNED_BACK),
        ("okta", "access_denied", "User is not assigned to the client application.", NO_ACCESS),
        ("okta", "access_denied", "Policy evaluation failed for this request", SETUP),
        ("entra", "access_denied", "AADSTS53003: Access has been blocked by Conditional Access policies.", SETUP),
        ("entra", "access_denied", "AADSTS99999: Nobody has met this one.", SETUP),
        ("google", "admin_policy_enforced", "", NO_ACCESS),
        ("oidc", "access_denied", "Your administrator does not let you use this app", SETUP),
        ("oidc", "invalid_scope", "", SETUP),
    ],
)
def test_who_turned_back_reads_so_and_who_was_not_let_in_does_not(
    key: str, error: str, description: str, reads: UserText
) -> None:
    facts = {"error": error, "description": description, "vendor_code": description.partition(":")[0]}
    facts["vendor_code"] = facts["vendor_code"] if description.startswith("AADSTS") else ""
    known = guide(key, protocol=Protocol.OIDC)
    assert for_sign_in("oidc.provider_error", facts, guide=known, otherwise=SETUP) == reads
