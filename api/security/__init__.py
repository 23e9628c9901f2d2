"""Who is at the door: passwords, sessions, API tokens, cross-site protection.

For pages and routes: `require_principal` and `require_person` (dependencies; `Caller` and `Person`
are the same as annotated parameters), `current_principal(request)`, `csrf_token(request)`,
`sign_in(engine, username, password, request).set_on(response)`, `sign_out(engine, request, response)`
and `use_one_time_link(engine, token, password, request).set_on(response)`.
"""

from api.security.cookies import digest, fresh_token
from api.security.origin import is_https, is_loopback
from api.security.passwords import check_new_password, hash_password, verify_password
from api.security.requests import (
    Caller,
    Person,
    ask_again,
    csrf_token,
    current_principal,
    require_person,
    require_principal,
    signed_in,
)
from api.security.sessions import (
    NewSession,
    clean_username,
    open_session,
    sign_in,
    sign_out,
    use_one_time_link,
)

__all__ = [
    "Caller",
    "NewSession",
    "Person",
    "ask_again",
    "check_new_password",
    "clean_username",
    "csrf_token",
    "current_principal",
    "digest",
    "fresh_token",
    "hash_password",
    "is_https",
    "is_loopback",
    "open_session",
    "require_person",
    "require_principal",
    "sign_in",
    "sign_out",
    "signed_in",
    "use_one_time_link",
    "verify_password",
]
