"""Which addresses a connector may reach: public ones, and those allowed by name.

The check stands where the connection is made. A name is resolved once, its addresses are checked, and the
connection goes to a checked address, so a name that changes its mind in between (DNS rebinding) gains
nothing. The request itself keeps the name: the Host header and the TLS certificate are checked against it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from overture.base.errors import Error

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Error):
    """This address may not be reached by a connector."""

    status = 403
    code = "address_refused"


class GuardedClient(httpx.AsyncClient):
    """The HTTP client connectors are called through: it connects to checked addresses and nowhere else.

    It takes no proxy from the environment, keeps no cookies between calls, and keeps no connection open,
    so every request is checked anew.
    """

    def __init__(self, allow: Iterable[str] = (), *, resolve: Resolve | None = None) -> None:
        self.allow = frozenset(allow)
        super().__init__(
            transport=_GuardedTransport(self.allow, resolve or look_up),
            trust_env=False,
            follow_redirects=False,
        )


def check_url(url: httpx.URL, allow: frozenset[str]) -> None:
    """Refuse an address by how it is written, before anything is resolved."""
    if url.scheme not in ("http", "https"):
        raise AddressRefused("A connector speaks http or https only.")
    if not url.host:
        raise AddressRefused("The address has no host.")
    if url.userinfo:
        raise AddressRefused("A user name or password in an address is refused. Use auth instead.")
    host, port = url.raw_host.decode("ascii").lower(), url.port or _port_of(url.scheme)
    if named(host, port) in allow:
        return
    literal = _literal(host)
    if literal is None:
        return
    why = refused(literal)
    if why:
        raise AddressRefused(_sentence(host, port, why))


def refused(address: Address) -> str | None:
    """Why an address may not be reached, in words; None where it may."""
    for network, why in _REFUSED:
        if address.version == network.version and address in network:
            return why
    if address.is_multicast:
        return "a multicast address"
    return None if address.is_global and not address.is_reserved else "not a public address"


def named(host: str, port: int) -> str:
    """A host and port as the allow list writes them: `orders.example:443`, `[::1]:8080`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses the system's resolver gives for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections, to checked addresses only."""

    def __init__(self, allow: frozenset[str], resolve: Resolve) -> None:
        self._allow = allow
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        problem: Exception = httpcore.ConnectError("the name has no address")
        for address in await self._checked(host.lower(), port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                problem = failed
        raise problem

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("A connector may not open a local socket.")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as failed:
            raise httpcore.ConnectError("the name could not be resolved") from failed
        if named(host, port) in self._allow:
            return list(found)
        reasons = {address: refused(ipaddress.ip_address(address)) for address in found}
        good = [address for address, why in reasons.items() if why is None]
        if found and not good:
            raise AddressRefused(_sentence(host, port, str(reasons[found[0]])))
        return good


class _GuardedTransport(httpx.AsyncBaseTransport):
    """httpx on top of connections that the guard opened."""

    def __init__(self, allow: frozenset[str], resolve: Resolve) -> None:
        self._allow = allow
        self._backend = _GuardedBackend(allow, resolve)
        self._open: httpcore.AsyncConnectionPool | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        check_url(request.url, self._allow)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool().handle_async_request(outgoing)
        except tuple(_AS_HTTPX) as failed:
            raise _as_httpx(failed) from failed
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        if self._open is not None:
            await self._open.aclose()

    def _pool(self) -> httpcore.AsyncConnectionPool:
        # Made on first need: reading the certificate bundle takes tens of milliseconds.
        if self._open is None:
            self._open = httpcore.AsyncConnectionPool(
                ssl_context=httpx.create_ssl_context(trust_env=False),
                # However many systems are slow at once, a call to another one never waits for them.
                max_connections=None,
                max_keepalive_connections=0,
                network_backend=self._backend,
            )
        return self._open


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except tuple(_AS_HTTPX) as failed:
            raise _as_httpx(failed) from failed

    async def aclose(self) -> None:
        await self._answer.aclose()


# Most particular first: the first that fits is taken.
_AS_HTTPX: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.TimeoutException: httpx.ReadTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.NetworkError: httpx.ReadError,
    httpcore.ProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}


def _as_httpx(failed: Exception) -> httpx.TransportError:
    kind = next(theirs for ours, theirs in _AS_HTTPX.items() if isinstance(failed, ours))
    return kind(str(failed))


def _literal(host: str) -> Address | None:
    """The address a host is written as, None for a name; an odd spelling of an address is refused.

    `2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1 to a resolver: nobody writes them honestly.
    """
    bare = host.strip("[]")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    last = bare.rstrip(".").rpartition(".")[2]
    if ":" in bare or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        raise AddressRefused(f"{host} is an unusual way to write an address. Use its usual form or a name.")
    return None


def _sentence(host: str, port: int, why: str) -> str:
    place = named(host.strip("[]"), port)
    return f"{place} is {why}. To let connectors reach it, add {place} to OVERTURE_ALLOW_HOSTS."


def _port_of(scheme: str) -> int:
    return 443 if scheme == "https" else 80


# Listed apart from `is_global`, whose answers differ between Python releases, and to say why in words.
_REFUSED: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...] = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a shared, private address"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "a cloud metadata address"),
        ("169.254.169.254/32", "a cloud metadata address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.88.99.0/24", "a relay address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a private address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("::/96", "an IPv4 address written as IPv6"),
        ("::ffff:0:0/96", "an IPv4 address written as IPv6"),
        ("::ffff:0:0:0/96", "an IPv4 address written as IPv6"),
        ("64:ff9b::/96", "an IPv4 address written as IPv6"),
        ("64:ff9b:1::/48", "an IPv4 address written as IPv6"),
        ("100::/64", "a discarded address"),
        ("2001::/23", "a reserved address"),
        ("2001:db8::/32", "a documentation address"),
        ("2002::/16", "an IPv4 address written as IPv6"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
    )
)
