"""Sessions: who gets one, what ends it, and what another site cannot do with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine import identity_commands as ic
from engine.clock import FakeClock
from engine.contracts.principal import SYSTEM
from tests.site import PASSWORD, Site

ME = "/api/v1/session"


def test_a_right_password_opens_a_session_that_scripts_cannot_read(site: Site) -> None:
    with site.stranger() as client:
        answer = client.post(ME, json={"username": " li ", "password": PASSWORD})

        cookies = answer.headers.get_list("set-cookie")
        assert answer.status_code == 201
        assert answer.json()["username"] == "li"
        assert all("HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie for cookie in cookies)
        assert client.get(ME).json()["roles"] == ["staff"]


@pytest.mark.parametrize(
    ("username", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("render-bot", ""), ("", "")]
)
def test_a_refusal_does_not_say_whether_the_user_exists(site: Site, username: str, password: str) -> None:
    with site.stranger() as client:
        answer = client.post(ME, json={"username": username, "password": password})

        assert answer.status_code == 401
        assert answer.json()["detail"] == "Expected the right user name and password; one of them is not."
        assert not client.cookies


def test_signing_in_replaces_the_token_that_the_browser_brought(site: Site) -> None:
    with site.browser("li") as client:
        before = client.cookies["civiflow"]

        client.post(ME, json={"username": "li", "password": PASSWORD})

        assert client.cookies["civiflow"] != before
        with site.stranger(cookies={"civiflow": before}) as thief:
            assert thief.get(ME).status_code == 401


def test_a_token_chosen_by_somebody_else_is_never_taken_over(site: Site) -> None:
    with site.stranger(cookies={"civiflow": "chosen-by-the-attacker"}) as client:
        answer = client.post(ME, json={"username": "li", "password": PASSWORD})

        assert "chosen-by-the-attacker" not in answer.headers["set-cookie"]
    with site.stranger(cookies={"civiflow": "chosen-by-the-attacker"}) as attacker:
        assert attacker.get(ME).status_code == 401


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    with site.browser("li") as client:
        token = client.cookies["civiflow"]

        answer = client.delete(ME)

        assert answer.status_code == 204
        with site.stranger(cookies={"civiflow": token}) as thief:
            assert thief.get(ME).status_code == 401


def test_a_session_ends_when_it_is_not_used(site: Site, clock: FakeClock) -> None:
    with site.browser("li") as client:
        clock.advance(timedelta(hours=1, minutes=50))
        assert client.get(ME).status_code == 200

        clock.advance(timedelta(hours=1, minutes=50))
        assert client.get(ME).status_code == 200
        clock.advance(timedelta(hours=2, minutes=1))

        assert client.get(ME).status_code == 401


def test_a_session_ends_after_half_a_day_however_busy_it_is(site: Site, clock: FakeClock) -> None:
    with site.browser("li") as client:
        for _hour in range(11):
            clock.advance(timedelta(hours=1))
            assert client.get(ME).status_code == 200

        clock.advance(timedelta(hours=1, seconds=1))

        assert client.get(ME).status_code == 401


def test_disabling_an_account_ends_its_sessions_and_tokens_at_once(site: Site) -> None:
    with site.browser("li") as browser, site.client("li") as program, site.client("root") as root:
        answer = root.patch("/api/v1/users/li", json={"disabled": True})

        assert answer.json()["disabled"] is True
        assert browser.get(ME).status_code == 401
        assert program.get(ME).status_code == 401
        with site.stranger() as stranger:
            assert stranger.post(ME, json={"username": "li", "password": PASSWORD}).status_code == 401
        root.patch("/api/v1/users/li", json={"disabled": False})
        assert program.get(ME).status_code == 401


def test_a_new_password_ends_all_sessions_but_the_one_that_set_it(site: Site) -> None:
    with site.browser("li") as here, site.browser("li") as elsewhere, site.client("li") as program:
        old = here.cookies["civiflow"]
        body = {"current_password": PASSWORD, "password": "another long passphrase"}

        answer = here.put(f"{ME}/password", json=body)

        assert answer.status_code == 200, answer.text
        assert elsewhere.get(ME).status_code == 401
        assert program.get(ME).status_code == 401
        assert here.cookies["civiflow"] != old
        assert here.get(ME).status_code == 200
        with site.browser("li", "another long passphrase") as again:
            assert again.get(ME).status_code == 200


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "length"),
        ("x" * 257, "length"),
        ("1234567890", "common"),
        ("aabbaabbaabb", "common"),
        ("I am zhao, hi", "username"),
    ],
)
def test_a_password_that_would_be_guessed_first_is_refused(site: Site, password: str, code: str) -> None:
    with site.browser("zhao") as client:
        answer = client.put(f"{ME}/password", json={"current_password": PASSWORD, "password": password})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code
        assert answer.json()["errors"][0]["message_zh"]


def test_changing_the_password_needs_the_present_one(site: Site) -> None:
    with site.browser("li") as client:
        body = {"current_password": "not it", "password": "another long passphrase"}

        answer = client.put(f"{ME}/password", json=body)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "current_password"


def test_guessing_is_throttled_and_the_owner_on_a_known_device_still_gets_in(site: Site) -> None:
    with site.browser("li") as owner, site.stranger() as guesser:
        answers = [guesser.post(ME, json={"username": "li", "password": f"guess {n}"}) for n in range(10)]

        assert {answer.status_code for answer in answers[:5]} == {401}
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        # the right password does not help a stranger while the wait lasts, nor does it tell them anything
        assert guesser.post(ME, json={"username": "li", "password": PASSWORD}).status_code == 429
        assert owner.post(ME, json={"username": "li", "password": PASSWORD}).status_code == 201


def test_many_guesses_at_once_leave_no_gap(site: Site) -> None:
    def guess(number: int) -> int:
        with site.stranger() as client:
            return client.post(ME, json={"username": "wang", "password": f"guess {number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(40)))

    assert statuses.count(401) <= 5
    assert statuses.count(429) == len(statuses) - statuses.count(401)


def test_a_throttled_user_may_try_again_after_the_wait(site: Site, clock: FakeClock) -> None:
    with site.stranger() as client:
        for number in range(6):
            client.post(ME, json={"username": "li", "password": f"guess {number}"})

        clock.advance(timedelta(minutes=15))

        assert client.post(ME, json={"username": "li", "password": PASSWORD}).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_can_neither_sign_somebody_in_nor_act_for_them(site: Site, headers: dict[str, str]) -> None:
    with site.browser("li") as client:
        signed_in = client.post(ME, json={"username": "li", "password": PASSWORD}, headers=headers)
        acted = client.post("/api/v1/instances", json={"definition": "repair"}, headers=headers)

        assert signed_in.status_code == 403
        assert acted.status_code == 403


def test_a_change_by_session_needs_the_csrf_token_of_that_session(site: Site) -> None:
    with site.browser("li") as client, site.browser("wang") as other:
        body = {"definition": "repair"}
        token = client.headers.pop("X-CSRF-Token")

        without = client.post("/api/v1/instances", json=body)
        foreign = client.post("/api/v1/instances", json=body, headers={"X-CSRF-Token": other.headers["X-CSRF-Token"]})
        right = client.post("/api/v1/instances", json=body, headers={"X-CSRF-Token": token, "Origin": site.url})

        assert [without.status_code, foreign.status_code, right.status_code] == [403, 403, 201]


def test_the_form_field_carries_the_csrf_token_too(site: Site) -> None:
    with site.browser("li") as client:
        token = client.headers.pop("X-CSRF-Token")
        file = {"file": ("note.txt", b"hello", "text/plain")}

        without = client.post("/api/v1/attachments", files=file)
        right = client.post("/api/v1/attachments", files=file, data={"csrf_token": token})

        assert [without.status_code, right.status_code] == [403, 201]


def test_a_bad_token_is_nobodys_whatever_cookie_comes_with_it(site: Site) -> None:
    with site.browser("li") as client:
        assert client.get(ME, headers={"Authorization": "Bearer civ_nonsense"}).status_code == 401
        assert client.get(ME, headers={"Authorization": "Basic bGk6eA=="}).status_code == 401


def test_signing_in_over_plain_http_from_elsewhere_is_refused(site: Site) -> None:
    with site.stranger(headers={"Host": "civiflow.example"}) as client:
        answer = client.post(ME, json={"username": "li", "password": PASSWORD})

        assert answer.status_code == 403
        assert "HTTPS" in answer.json()["detail"]


def test_behind_a_tls_proxy_cookies_are_bound_to_the_host(site: Site) -> None:
    with site.stranger(headers={"Host": "civiflow.example", "X-Forwarded-Proto": "https"}) as client:
        answer = client.post(ME, json={"username": "li", "password": PASSWORD})

        cookies = answer.headers.get_list("set-cookie")
        assert answer.status_code == 201
        assert all(cookie.startswith("__Host-civiflow") and "Secure" in cookie for cookie in cookies)
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_changed_role_needs_no_new_sign_in(site: Site) -> None:
    with site.browser("li") as client, site.client("root") as root:
        assert client.get("/api/v1/users").status_code == 403

        root.patch("/api/v1/users/li", json={"roles": ["staff", "administrator"]})

        assert client.get("/api/v1/users").status_code == 200


def test_a_one_time_link_works_once(site: Site, clock: FakeClock) -> None:
    from api.security import digest

    with site.client("root") as root:
        root.post("/api/v1/users", json={"username": "新人", "roles": ["staff"]})
        path = root.post("/api/v1/users/新人/one-time-link").json()["path"]
    token = path.removeprefix("/welcome/")
    use = ic.UseOneTimeLink(token_sha256=digest(token), password_hash="$argon2id$test")

    user = site.engine.execute(use, by=SYSTEM)

    assert user.has_password
    assert site.engine.read(SYSTEM).one_time_link(digest(token)) is None
    with pytest.raises(Exception, match="used or is too old"):
        site.engine.execute(use, by=SYSTEM)


def test_the_list_of_sessions_shows_where_one_is_signed_in_and_ends_them_all(site: Site) -> None:
    with site.browser("li") as here, site.browser("li") as elsewhere:
        items = here.get(f"{ME}/all").json()["items"]
        assert sorted(item["current"] for item in items) == [False, True]

        assert here.delete(f"{ME}/all").status_code == 204

        assert here.get(ME).status_code == 401
        assert elsewhere.get(ME).status_code == 401


def test_nobody_waits_for_a_long_write_to_have_the_use_of_a_token_noted(site: Site) -> None:
    with site.client("wang") as client, site.engine._database.write():
        # this thread keeps writing until the block ends
        answer = client.get("/api/v1/tasks")

    with site.client("wang") as client:
        later = client.get("/api/v1/tasks")
    assert [answer.status_code, later.status_code] == [200, 200]
