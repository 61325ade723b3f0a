"""Connectors reach public addresses and those allowed by name; no spelling and no redirect gets round it."""

from __future__ import annotations

import asyncio
import ipaddress

import httpx
import pytest

from overture.connectors.guard import AddressRefused, GuardedClient, check_url, refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "169.254.1.1",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::7f00:1",
        "64:ff9b::5db8:d822",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
    ],
)
def test_addresses_that_are_refused(address):
    assert refused(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111"])
def test_addresses_that_may_be_reached(address):
    assert refused(ipaddress.ip_address(address)) is None


def test_an_octal_address_is_no_address():
    with pytest.raises(httpx.InvalidURL):
        httpx.URL("http://0177.0.0.1/")


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1/",
        "http://127.0.0.1:80/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://127.0.0.1./",
        "http://user@shop.example/",
        "http://user:word@shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example/",
    ],
)
def test_ways_of_writing_an_address_that_are_refused(url):
    with pytest.raises(AddressRefused):
        check_url(httpx.URL(url), frozenset())


def test_a_name_on_the_list_is_a_host_with_its_port():
    allow = frozenset({"127.0.0.1:4243", "[::1]:80", "orders.internal:443"})

    check_url(httpx.URL("http://127.0.0.1:4243/orders"), allow)
    check_url(httpx.URL("http://[::1]/orders"), allow)
    for other in (
        "http://127.0.0.1:4244/",
        "http://127.0.0.1/",
        "http://2130706433:4243/",
        "http://[::1]:81/",
    ):
        with pytest.raises(AddressRefused):
            check_url(httpx.URL(other), allow)


def get(url: str, *answers: str, allow: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    """Ask for an address through a resolver that gives these answers; the names it was asked for."""
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return list(answers)

    async def send() -> None:
        async with GuardedClient(allow, resolve=resolve) as client:
            await client.get(url, timeout=2)

    asyncio.run(send())
    return asked


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:10.0.0.7"])
def test_a_name_that_leads_inside_is_refused(address):
    with pytest.raises(AddressRefused, match=r"add orders\.example:80 to OVERTURE_ALLOW_HOSTS"):
        get("http://orders.example/", address)


def test_a_name_without_an_address_cannot_be_reached():
    with pytest.raises(httpx.ConnectError):
        get("http://orders.example/")


def test_a_local_socket_is_never_opened():
    async def send() -> None:
        async with GuardedClient() as client:
            await client._transport._backend.connect_unix_socket("/run/docker.sock")  # type: ignore[attr-defined]

    with pytest.raises(AddressRefused):
        asyncio.run(send())
