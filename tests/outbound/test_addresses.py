from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.outbound.addresses import AddressRule, is_loopback, is_public, read_host

STRICT = AddressRule()


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "93.184.215.14", "172.15.0.1", "172.32.0.1", "100.63.255.255", "2606:4700::1111", "2a00:1450::1"],
)
def test_a_public_address_may_be_called(text):
    assert STRICT.allows(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_never_called(address):
    number = int(address)
    coats = (
        IPv6Address((0xFFFF << 32) | number),  # mapped
        IPv6Address(number),  # compatible
        IPv6Address((0x64FF9B << 96) | number),  # NAT64
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo
    )
    assert [coat for coat in coats if STRICT.allows(coat)] == []


@given(st.ip_addresses())
def test_what_may_be_called_is_global_to_python_too(address):
    if STRICT.allows(address):
        assert address.is_global
        strange = (address.is_private, address.is_multicast, address.is_reserved, address.is_link_local)
        assert not any(strange)


def test_an_opened_network_opens_nothing_beside_it():
    rule = AddressRule(allowed_networks=(ip_network("10.1.0.0/16"), ip_network("fd12::/16")))
    assert rule.allows(IPv4Address("10.1.2.3"))
    assert rule.allows(IPv6Address("fd12::1"))
    for text in ("10.2.0.1", "fd13::1", "127.0.0.1", "::ffff:10.1.2.3", "192.168.0.1"):
        assert not rule.allows(ip_address(text))


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"]
)
def test_no_allow_list_opens_a_metadata_service(text):
    everything = AddressRule(allowed_networks=(ip_network("0.0.0.0/0"), ip_network("::/0")), allow_loopback=True)
    assert not everything.allows(ip_address(text))
    assert not is_public(ip_address(text))


def test_loopback_is_allowed_in_its_own_spelling_only():
    rule = AddressRule(allow_loopback=True)
    assert rule.allows(ip_address("127.0.0.1"))
    assert rule.allows(ip_address("::1"))
    assert not rule.allows(ip_address("::ffff:127.0.0.1"))
    assert not is_loopback(ip_address("::ffff:127.0.0.1"))
    assert not rule.allows(ip_address("10.0.0.1"))


def test_a_host_is_an_address_or_a_plain_name():
    assert read_host("127.0.0.1") == ip_address("127.0.0.1")
    assert read_host("Acme.Okta.COM.") == "acme.okta.com"
    assert read_host("m\u00fcnchen.example") == "xn--mnchen-3ya.example"


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_a_value_error(text):
    try:
        host = read_host(text)
    except ValueError:
        return
    assert str(host).isascii()
