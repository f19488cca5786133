"""Signing in with the city's own directory by OpenID Connect: code flow, PKCE, state and nonce.

The directory says who somebody is; which roles they hold stays here. Nothing here touches the
database, so no lock is held while another machine takes its time.
"""

import secrets
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from webapp import clock
from webapp.settings import LOOPBACK, Settings
from workflows.errors import Refused

SCOPE = "openid email profile"
SECONDS = 10
LEEWAY = 60  # two machines' clocks
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
# What directories call a sign-in with more than a password.
STRONG_METHODS = frozenset({"mfa"})
STRONG_CLASSES = ("multi-factor", "multifactor", "mfa", "/loa3", "/loa4")

log = structlog.get_logger()


class DirectoryRefused(Refused):
    """The directory did not vouch for anybody; `code` says why."""

    code = "directory_failed"


@dataclass(frozen=True, slots=True)
class Begun:
    """What this browser was sent away with, kept in its signed cookie until it comes back."""

    state: str
    nonce: str
    verifier: str
    then: str

    @classmethod
    def anew(cls, then: str) -> Self:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, then)

    def packed(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the directory vouches for."""

    subject: str
    email: str | None  # only one the directory has verified
    is_strong: bool  # by more than a password


def is_used(settings: Settings) -> bool:
    """Tell whether this installation has a directory to ask."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def address(settings: Settings, begun: Begun, back: str) -> str:
    """Return where to send the browser.

    :raises DirectoryRefused: if the directory does not answer
    """
    with _client() as client:
        found = _discovered(client, settings)
    return str(
        prepare_grant_uri(
            found["authorization_endpoint"],
            client_id=settings.oidc_client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
    )


def vouched(settings: Settings, begun: Begun, code: str, back: str) -> Vouched:
    """Exchange the code that the browser came back with for an answer, and verify it.

    :raises DirectoryRefused: if anything about it does not hold
    """
    try:
        with _client() as client:
            found = _discovered(client, settings)
            token = _exchanged(client, settings, _safe(found["token_endpoint"]), code, begun, back)
            keys = client.get(_safe(found["jwks_uri"])).raise_for_status().json()
        return _verified(settings, token, keys, begun.nonce)
    except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
        log.warning("directory_failed", error=type(error).__name__, why=str(error)[:200])
        raise DirectoryRefused from error


def _client() -> httpx.Client:
    return httpx.Client(timeout=SECONDS, follow_redirects=False)


def _discovered(client: httpx.Client, settings: Settings) -> dict[str, Any]:
    issuer = settings.oidc_issuer or ""
    try:
        _safe(issuer)
        answer = client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        found: dict[str, Any] = answer.raise_for_status().json()
        if found["issuer"] != issuer:
            raise ValueError("the directory calls itself something else")
        _safe(found["authorization_endpoint"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        log.warning("directory_away", error=type(error).__name__, why=str(error)[:200])
        raise DirectoryRefused("directory_away") from error
    return found


def _exchanged(
    client: httpx.Client, settings: Settings, url: str, code: str, begun: Begun, back: str
) -> str:
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    us, secret = settings.oidc_client_id or "", settings.oidc_client_secret
    if secret:
        answer = client.post(url, data=sent, auth=(quote(us, safe=""), quote(secret, safe="")))
    else:
        answer = client.post(url, data=sent | {"client_id": us})
    return str(answer.raise_for_status().json()["id_token"])


def _verified(settings: Settings, token: str, keys: Any, nonce: str) -> Vouched:
    read = jwt.decode(token, jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    claims = CodeIDToken(
        read.claims,
        read.header,
        options={
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        },
        params={"nonce": nonce, "client_id": settings.oidc_client_id},
    )
    claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY)
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise ValueError("no subject")
    email = claims.get("email") if claims.get("email_verified") is True else None
    return Vouched(subject, email if isinstance(email, str) else None, _is_strong(claims))


def _is_strong(claims: CodeIDToken) -> bool:
    methods, level = claims.get("amr") or [], str(claims.get("acr") or "").lower()
    return bool(STRONG_METHODS & set(methods)) or level.endswith(STRONG_CLASSES)


def _safe(url: str) -> str:
    """Refuse to speak with a directory in the clear, except on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ValueError("the directory must be reached by https")
