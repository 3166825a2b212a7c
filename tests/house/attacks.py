"""The known attacks on SAML and on products like this one, and what shows that each is stopped here.

A name with a slash is that of a vector, `test_...` that of a test. Kinds: S signatures, K keys and algorithms, X XML
and transport, P protocol, E encryption, M many customers in one place.
"""

_S = {
    "S1": "attacks/xsw-1 attacks/xsw-2",
    "S2": "attacks/xsw-3 attacks/xsw-4 attacks/xsw-5 attacks/xsw-6",
    "S3": "attacks/xsw-7 attacks/xsw-8 attacks/xsw-9 attacks/object-in-signature",
    "S4": "attacks/signature-elsewhere",
    "S5": "attacks/S5-encrypted-beside-the-signed attacks/signed-response-beside-a-forged-encrypted-one",
    "S6": "attacks/signature-over-status attacks/signature-over-metadata attacks/signature-over-an-attribute-value",
    "S7": "test_any_changed_byte_is_refused_or_changes_nothing_that_is_read",
    "S8": "test_a_signature_counts_as_a_child_of_what_it_covers_only",
    "S9": "attacks/digest-elsewhere",
    "S10": "attacks/two-signed-infos",
    "S11": "attacks/comment-in-digest attacks/comment-in-signature-value",
    "S12": "attacks/two-references attacks/no-reference",
    "S13": "attacks/S13-empty-uri-on-the-assertion attacks/S13-no-uri-on-the-assertion"
    " refused/signature_reference-empty-uri refused/signature_reference-no-uri",
    "S14": "attacks/duplicate-id attacks/S14-id-of-the-response-inside",
    "S15": "attacks/id-lower-case attacks/id-mixed-case attacks/id-xml attacks/id-in-a-namespace attacks/id-of-saml-1",
    "S16": "attacks/namespace-confusion attacks/prefix-taken-back attacks/two-colons",
    "S17": "attacks/relative-namespace attacks/golden-response",
    "S18": "test_a_signature_of_a_vector_is_judged_as_xmlsec_does_or_stricter",
    "S19": "attacks/signature-stripped attacks/bad-inner-signature attacks/bad-outer-signature",
    "S20": "attacks/stolen-assertion attacks/signed-one-replaced",
    "S21": "attacks/two-assertions",
    "S22": "attacks/signed-error-hides-an-assertion attacks/assertion-added-after-signing",
    "S23": "test_a_logout_message_gets_its_verdict",
    "S24": "test_signxml_digests_the_same_octets",
    "S25": "accepted/second-pinned-key",
}
_K = {
    "K1": "attacks/key-in-key-info attacks/key-info-claims-pinned test_another_key_signs_for_nobody",
    "K2": "attacks/hmac-with-public-key attacks/hmac-sha256",
    "K3": "attacks/hmac-truncated",
    "K4": "attacks/rsa-md5 refused/algorithm_refused-sha1 refused/algorithm_refused-sha1-digest",
    "K5": "attacks/algorithm-unknown-uri",
    "K6": "refused/key_too_weak test_an_exponent_of_one_is_no_key_at_all",
    "K7": "accepted/expired-certificate-still-signs refused/certificate_expired",
    "K8": "test_a_new_key_is_trusted_beside_the_old_one_by_a_revision_that_inherits_its_test",
    "K9": "attacks/signature-value-loose accepted/white-space-in-the-signature",
    "K10": "attacks/algorithm-of-another-key accepted/ecdsa-sha256",
}
_X = {
    "X1": "attacks/doctype-bomb attacks/doctype-file attacks/doctype-utf-16 attacks/doctype-parameter-entity"
    " attacks/doctype-default-attribute attacks/doctype-entity-in-signed-text attacks/doctype-quadratic",
    "X2": "accepted/comment-in-the-address test_a_comment_anywhere_is_refused_or_changes_nothing_that_is_read",
    "X3": "attacks/processing-instruction accepted/cdata-in-the-address",
    "X4": "attacks/transform-xslt attacks/transform-xpath attacks/transform-xpath-filter-2 attacks/transform-base64",
    "X5": "attacks/reference-external attacks/reference-file",
    "X6": "attacks/E4-key-from-a-url",
    "X7": "attacks/assertion-behind-the-end attacks/text-behind-the-end attacks/cut-off attacks/character-that-is-none",
    "X8": "attacks/latin-1-undeclared attacks/encoding-utf-7 attacks/encoding-ebcdic",
    "X9": "attacks/flood-depth attacks/flood-elements attacks/flood-attributes attacks/flood-prefixes",
    "X10": "test_what_unpacks_to_more_than_a_message_is_not_unpacked",
    "X11": "attacks/base64-of-urls attacks/base64-twice refused/not_base64-plus-lost",
    "X12": "accepted/carriage-returns",
    "X13": "test_a_field_that_came_twice_is_refused_where_one_is_expected",
    "X14": "refused/time_unreadable accepted/times-with-offset",
}
_P = {
    "P1": "refused/status_denied-with-assertion attacks/two-statuses",
    "P2": "refused/version_refused refused/not_a_response-logout attacks/element-in-no-namespace",
    "P3": "refused/destination_mismatch refused/destination_mismatch-missing",
    "P4": "refused/recipient_mismatch refused/recipient_mismatch-missing",
    "P5": "refused/not_bearer refused/recipient_mismatch-two-halves",
    "P6": "refused/confirmation_incomplete-end refused/response_expired-confirmation",
    "P7": "refused/response_expired refused/response_not_yet_valid",
    "P8": "refused/session_ended",
    "P9": "refused/audience_mismatch refused/audience_mismatch-second-restriction refused/audience_missing",
    "P10": "refused/condition_unknown",
    "P11": "refused/request_mismatch refused/request_mismatch-assertion refused/request_unknown",
    "P12": "test_the_same_assertion_in_another_response_does_not_count_again",
    "P13": "refused/issuer_mismatch refused/issuer_mismatch-response refused/structure_refused-no-issuer",
    "P14": "refused/authn_statement_missing",
    "P15": "refused/subject_missing refused/subject_missing-empty",
    "P16": "accepted/name-id-in-an-attribute",
    "P17": "test_a_transient_name_is_nobody",
    "P18": "test_a_person_who_writes_the_name_of_another_otherwise_is_another",
    "P19": "test_two_addresses_are_not_one_of_them accepted/keycloak-one-attribute-per-role",
    "P20": "accepted/foreign-assertion-in-advice attacks/signed-one-in-advice",
    "P21": "test_an_unsigned_request_ends_nothing_and_is_told_to_the_admin test_a_request_by_another_key_ends_nothing",
}
_E = {
    "E1": "attacks/E1-oracle-padding attacks/E1-oracle-signature attacks/E1-outer-signature-first"
    " refused/decryption_paused",
    "E2": "attacks/E2-bleichenbacher",
    "E3": "attacks/E3-encrypted-is-not-signed attacks/E3-encrypted-by-a-stranger",
    "E4": "attacks/E4-key-from-a-url attacks/E4-many-recipients",
    "E5": "accepted/encrypted-prefix-declared-outside",
    "E6": "refused/encryption_refused-3des refused/encryption_refused-aes128-cbc",
    "E7": "accepted/encrypted-to-the-old-key",
    "E8": "attacks/E8-two-assertions attacks/E8-encrypted-twice attacks/E8-breaks-out attacks/E8-no-assertion",
}
_M = {
    "M1": "attacks/other-tenants-key test_an_answer_for_one_connection_is_refused_at_another",
    "M2": "test_the_subject_of_somebody_is_nobody_at_another_connection",
    "M3": "refused/issuer_mismatch",
    "M4": "test_an_address_outside_its_own_domains_opens_nothing",
    "M5": "test_an_address_that_can_be_read_in_two_ways_is_refused",
    "M6": "test_an_address_outside_its_own_domains_opens_nothing",
    "M7": "test_a_recycled_address_is_not_a_known_person",
    "M8": "test_a_tile_signs_nobody_in_by_itself",
    "M9": "test_an_attackers_answer_signs_nobody_else_in test_signing_in_gives_a_new_session_and_ends_the_old_one",
    "M10": "test_a_tile_leads_to_our_own_pages_only",
    "M11": "test_an_address_that_is_not_public_is_refused_in_every_spelling test_a_redirect_is_refused_with_its_target",
    "M12": "test_what_cannot_be_used_is_named",
    "M13": "test_a_key_that_came_by_itself_waits_for_an_owner",
    "M14": "test_what_is_no_certificate_is_named_for_what_it_is",
    "M15": "test_a_difference_is_named_marked_and_told",
    "M16": "test_markup_of_an_identity_provider_stays_text",
    "M17": "test_the_log_names_nobody",
    "M18": "test_what_was_turned_off_meanwhile_stays_off",
    "M19": "test_answers_that_nobody_asked_for_are_few",
    "M20": "test_a_tile_that_claims_to_be_an_answer_is_none",
}
ATTACKS: dict[str, tuple[str, ...]] = {
    number: tuple(names.split()) for number, names in (_S | _K | _X | _P | _E | _M).items()
}
"""By the number under which our own catalogue of attacks knows it."""
