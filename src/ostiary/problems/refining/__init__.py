"""What the facts of a refusal say beyond its code: the provider's own error, the clocks, whose certificate it is.

Each takes the words of the code and gives better ones, or the same.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ostiary.domain.doctor.findings import OpenIdConnect
from ostiary.domain.errors import LinkedToAnother, NameMissing, NoAnswer
from ostiary.domain.openid.errors import EmailMissing
from ostiary.domain.openid.findings import NamesNotSent
from ostiary.guides import ConnectionValues, Guide
from ostiary.kernel.errors import Fact
from ostiary.oidc import errors as openid
from ostiary.oidc.encryption_errors import KeyEncryptionRefused, TokenEncrypted
from ostiary.problems.doctor.same_protocol import by_protocol
from ostiary.problems.problem import Problem
from ostiary.problems.refining.client_proof import by_proof
from ostiary.problems.refining.clocks import by_clocks, by_start, by_token_age, by_token_start
from ostiary.problems.refining.confirming import BY_PASSWORD, by_ways_left
from ostiary.problems.refining.encryption import by_key_encryption, by_what
from ostiary.problems.refining.fetching import FETCHED, of_code
from ostiary.problems.refining.http_status import by_http_status
from ostiary.problems.refining.issuers import by_silence
from ostiary.problems.refining.openid_error import by_error
from ostiary.problems.refining.openid_people import by_algorithm, by_what_came
from ostiary.problems.refining.owners import by_owner
from ostiary.problems.refining.silence import by_their_pages
from ostiary.problems.refining.status import by_status
from ostiary.problems.refining.subjects import by_names, by_subject
from ostiary.problems.refining.tenants import by_company, by_id
from ostiary.saml import errors

Refine = Callable[[Problem, Mapping[str, Fact], Guide, ConnectionValues], Problem]

_BY_CODE: Final[Mapping[str, Refine]] = {
    NoAnswer.code: by_their_pages,
    LinkedToAnother.code: by_subject,
    errors.StatusDenied.code: by_status,
    errors.ResponseExpired.code: by_clocks,
    errors.ResponseNotYetValid.code: by_start,
    errors.CertificateUnknown.code: by_owner,
    OpenIdConnect.code: by_protocol,
    openid.TokenNotYetValid.code: by_token_start,
    openid.TokenOld.code: by_token_age,
    openid.TokenExpired.code: by_token_age,
    openid.ResponseIssuerMismatch.code: by_silence,
    openid.ProviderError.code: by_error,
    openid.TokenRefused.code: by_error,
    openid.ClientRejected.code: by_proof,
    openid.CodeRejected.code: by_error,
    openid.StatusUnexpected.code: by_http_status,
    openid.AlgorithmMismatch.code: by_algorithm,
    KeyEncryptionRefused.code: by_key_encryption,
    TokenEncrypted.code: by_what,
    openid.DiscoveryUrlUnreadable.code: by_id,
    openid.TenantMismatch.code: by_company,
    EmailMissing.code: by_what_came,
    NameMissing.code: by_names,
    NamesNotSent.code: by_names,
    **{code: of_code(code) for code in FETCHED},
    **dict.fromkeys(BY_PASSWORD, by_ways_left),
}


def refined(
    code: str, problem: Problem, facts: Mapping[str, Fact], *, guide: Guide, values: ConnectionValues
) -> Problem:
    """The words for this code and these facts. A fact that is missing, or not as expected, changes nothing."""
    refine = _BY_CODE.get(code)
    return refine(problem, facts, guide, values) if refine else problem
