"""What stands in the terminal once everything answers."""

from ostiary.demo.people import (
    COMPANIES,
    ENTRA_PASSWORD,
    GOOGLE_PASSWORD,
    KEYCLOAK_PASSWORD,
    OKTA_PASSWORD,
    ONELOGIN_PASSWORD,
    PRODUCT_PASSWORD,
)
from ostiary.demo.places import Places


def announcement(places: Places, *, product: str) -> str:
    """Where to begin, every address, and everyone's passwords. `product` is the product's name."""
    addresses = (
        (product, places.product_url, "the product"),
        ("OneLogin", places.onelogin_url, f"simulated; its console: {places.onelogin_url}/admin"),
        ("Okta", places.okta_url, f"simulated; its console: {places.okta_url}/admin"),
        ("Google", places.google_url, f"simulated; its console: {places.google_url}/admin"),
        ("Entra ID", places.entra_url, f"simulated; its console: {places.entra_url}/admin"),
        ("Keycloak", places.keycloak_url, f"simulated; its console: {places.keycloak_url}/admin"),
        ("Mailbox", f"{places.pages_url}/mail", "every mail that the product sends"),
        ("DNS", f"{places.pages_url}/dns", f"TXT records; the server itself is at 127.0.0.1:{places.dns_port}"),
    )
    lines = [f"Open {places.pages_url} to begin.", ""]
    lines += [f"  {name:<10} {url:<28} {says}" for name, url, says in addresses]
    for company in COMPANIES:
        lines += ["", f"  {company.name}"]
        lines += [f"  {person.name:<17} {person.email:<32} {person.role_label}" for person in company.people]
    lines += [
        "",
        f"  Passwords: {PRODUCT_PASSWORD} at {product}, {ONELOGIN_PASSWORD} at OneLogin, {OKTA_PASSWORD} at Okta,",
        f"  {GOOGLE_PASSWORD} at Google, {ENTRA_PASSWORD} at Entra ID, {KEYCLOAK_PASSWORD} at Keycloak.",
        f"  Everything is kept in {places.folder}. Ctrl-C stops it, make reset throws it away.",
        "",
    ]
    return "\n".join(lines)
