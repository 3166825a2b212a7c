"""IDENTITY PROVIDERS to try and to test against, with the quirks and the console words of their vendors.

They share no protocol code with the product, so that neither can hide the other's misreadings (decision 21).
"""

from ostiary.simulator.faults import Fault
from ostiary.simulator.oidc.apps import OidcApp, known_client
from ostiary.simulator.oidc.faults import OidcFault, ProviderFault
from ostiary.simulator.simulator import SamlApp, Simulator
from ostiary.simulator.state import User

__all__ = ["Simulator", "SamlApp", "User", "Fault", "OidcApp", "OidcFault", "ProviderFault", "known_client"]
