"""The steps are those of the two pages that customers of JustCall follow, word for word."""

import pytest

from ostiary.guides import ConnectionValues, Guide, guide

JUSTCALL = ConnectionValues(
    product="JustCall",
    organization="Acme",
    acs_url="https://sso.justcall.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.justcall.example/saml/c7f3k2m9q4",
)

OKTA = """\
Step 1: Enable SSO in JustCall
Go to Settings → Security → Single Sign-On in JustCall.
Click Enable SSO and select SAML 2.0.
Copy the ACS URL and Entity ID.
Step 2: Create a SAML App Integration in Okta
Log into the Okta Admin Console.
Go to Applications → Applications → Create App Integration.
Select SAML 2.0 and click Next.
Set the App name to JustCall. Upload a logo if desired. Click Next.
Configure SAML settings:
Field Value
Single sign-on URL Paste the ACS URL from JustCall
Audience URI (SP Entity ID) Paste the Entity ID from JustCall
Name ID format EmailAddress
Application username Okta username (email)
Add attribute statements:
Name Value
email user.email
firstName user.firstName
lastName user.lastName
Click Next.
Select I'm an Okta customer adding an internal app and click Finish.
Step 3: Copy Okta Identity Provider Details
In the Okta app you just created, go to the Sign On tab.
Under SAML Signing Certificates, click Actions → View IdP metadata for the active certificate.
From the metadata page (or the Sign On tab details), copy:
Identity Provider Single Sign-On URL
Identity Provider Issuer
Download the X.509 Certificate.
Step 4: Complete Configuration in JustCall
Return to Settings → Security → Single Sign-On in JustCall.
Enter:
SSO URL: Identity Provider Single Sign-On URL
Issuer / Entity ID: Identity Provider Issuer
Certificate: Upload the X.509 certificate
Set the Default Role for new SSO users.
Click Save Configuration.
Click Test Connection.
Step 5: Assign Users and Groups
In the Okta Admin Console, go to your JustCall application.
Click the Assignments tab.
Click Assign → Assign to People or Assign to Groups.
Select the users or groups and click Assign, then Save and Go Back.
Only assigned users can access JustCall through Okta. If a user is unassigned, they immediately lose SSO access.
User Login Flow
From Okta: Users click the JustCall tile in their Okta dashboard.
From JustCall: Users click Sign in with SSO on the login page and enter their company email. \
They are redirected to Okta for authentication.
Troubleshooting
"Invalid SAML response" | Verify the ACS URL and Entity ID match between Okta and JustCall. Check for trailing slashes.
User gets "not assigned" error | Assign the user to the JustCall app in Okta (Assignments tab).
Attributes missing | Confirm attribute statement names exactly match: email, firstName, lastName.
Certificate error | Re-download the active certificate from Okta. Expired certificates cause authentication failures.
"""

ONELOGIN = r"""Step 1: Enable SSO in JustCall
Go to Settings → Security → Single Sign-On in JustCall.
Click Enable SSO and select SAML 2.0.
Copy the ACS URL and Entity ID.
Step 2: Add JustCall as a SAML App in OneLogin
Log into the OneLogin Admin Console.
Go to Applications → Applications → Add App.
Search for SAML Custom Connector (Advanced) and select it.
Set the Display Name to JustCall. Click Save.
Step 3: Configure SAML Settings
In the JustCall application, go to the Configuration tab.
Enter:
Field Value
Audience (EntityID) Paste the Entity ID from JustCall
ACS (Consumer) URL Paste the ACS URL from JustCall
ACS URL Validator Paste the ACS URL (escaped: replace . with \. and / with \/)
SAML nameID format Email
Click Save.
Step 4: Configure Attribute Mapping
Go to the Parameters tab.
Add the following custom parameters (click the + icon):
Field Name Value (OneLogin Field)
email Email
firstName First Name
lastName Last Name
For each parameter, check Include in SAML assertion.
Click Save.
Step 5: Copy OneLogin Identity Provider Details
Go to the SSO tab in the JustCall application.
Copy:
SAML 2.0 Endpoint (HTTP) — this is your SSO URL
Issuer URL — this is your IdP Entity ID
Under X.509 Certificate, click View Details and copy the certificate content.
Step 6: Complete Configuration in JustCall
Return to Settings → Security → Single Sign-On in JustCall.
Enter:
SSO URL: SAML 2.0 Endpoint from OneLogin
Issuer / Entity ID: Issuer URL from OneLogin
Certificate: Paste or upload the X.509 certificate
Set the Default Role for new SSO users.
Click Save Configuration.
Click Test Connection.
Step 7: Assign Users
In OneLogin, go to the JustCall application.
Click the Users tab (or Access tab for role-based assignment).
Add individual users or assign roles/groups that should access JustCall.
Click Save.
User Login Flow
From OneLogin: Users click the JustCall tile in their OneLogin portal.
From JustCall: Users click Sign in with SSO, enter their email, and are redirected to OneLogin.
Troubleshooting
"Invalid audience" error | Verify the Audience (EntityID) in OneLogin matches the Entity ID in JustCall exactly.
Attributes not received | Confirm each parameter has Include in SAML assertion checked.
Certificate validation failure | Re-copy the certificate from OneLogin. Ensure no extra whitespace.
User cannot access the app | Check that the user is assigned to the JustCall application in OneLogin.
"""


@pytest.mark.parametrize(("key", "page"), [("okta", OKTA), ("onelogin", ONELOGIN)])
def test_the_guide_reads_word_for_word_as_the_page_for_customers(key: str, page: str) -> None:
    found = guide(key)
    assert found is not None
    assert _as_text(found.filled(JUSTCALL.quoted())) == page


def _as_text(found: Guide) -> str:
    """The guide as plain lines, without what is marked as ours and without the values to copy in step 1."""
    lines: list[str] = []
    for step in found.steps:
        lines.append(step.title.plain)
        for item in step.items:
            if item.is_ours:
                continue
            lines.append(item.text.plain)
            if item.table and step.key != "enable":
                lines.append(" ".join(item.table.heads))
                lines += [f"{row.field.plain} {row.value.plain}" for row in item.table.rows]
            lines += [bullet.plain for bullet in item.bullets]
        lines += [note.plain for note in step.notes]
    lines += ["User Login Flow", *(line.plain for line in found.login_flow), "Troubleshooting"]
    lines += [f"{trouble.issue} | {trouble.solution.plain}" for trouble in found.troubleshooting]
    return "\n".join(lines) + "\n"
