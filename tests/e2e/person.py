"""A person before the screen: finds fields by their labels, presses buttons by their names, reads what is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Response, expect

PASSWORD = "a long enough passphrase"
_WORDS = {  # English: Chinese
    "User name": "用户名",
    "Password": "密码",
    "Sign in": "登录",
    "Take": "领取",
    "Complete": "提交",
}
# What the browser writes when a page answers with one of these is no fault: the test asked for it.
_EXPECTED_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (401|404|409|422) ")


class Person:
    """One browser profile. Whatever the browser complains of is kept in `complaints`.

    Args:
        browser: to open a profile in.
        url: of the site.
        language: 'zh' or 'en', as the browser asks for it.
        size: of the window in CSS pixels.
    """

    def __init__(
        self, browser: Browser, url: str, *, language: str = "zh", size: tuple[int, int] = (1440, 900)
    ) -> None:
        self.complaints: list[str] = []
        self._language = language
        self._context = browser.new_context(
            base_url=url,
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            viewport={"width": size[0], "height": size[1]},
        )
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda message: self._note(f"{message.type}: {message.text}", message.type))
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("response", self._look_at)

    def open(self, path: str) -> Response:
        """Go to an address of the site."""
        response = self.page.goto(path)
        assert response
        return response

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Sign in."""
        self.open("/")
        self.enter(username, password)

    def enter(self, username: str, password: str = PASSWORD) -> None:
        """Sign in on the page that is open."""
        self.fill(self._word("User name"), username)
        self.fill(self._word("Password"), password)
        self.press(self._word("Sign in"))
        expect(self.page.locator("header.topbar")).to_be_visible()

    def forget_session(self) -> None:
        """Lose the session, as when it has run out."""
        self._context.clear_cookies()

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        """The field with this label; marks of required and optional fields stand behind it."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s*[*（(].*)?\s*$"))

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.field(label).select_option(label=option)

    def pick(self, legend: str, *options: str) -> None:
        """Pick one or several of a group of choices."""
        group = self.page.get_by_role("group", name=re.compile(rf"^\s*{re.escape(legend)}"))
        for option in options:
            group.get_by_label(option, exact=True).check()

    def attach(self, label: str, *files: Path) -> None:
        """Choose files and wait until they are uploaded."""
        self.page.wait_for_load_state()  # until then files would travel with the form instead
        self.field(label).set_input_files(list(files))
        chosen = self.page.locator(".field", has=self.field(label)).locator("li.file")
        for file in files:
            expect(chosen.filter(has_text=file.name)).to_have_count(1)

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button."""
        (within or self.page.locator("main")).get_by_role("button", name=name, exact=True).click()

    def go_to(self, name: str) -> None:
        """Follow the main navigation."""
        self.page.locator("nav.mainnav").get_by_role("link", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link of the page's content."""
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def sees(self, *texts: str) -> None:
        """Expect texts in the page's content."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def waits_for(self, path: str, text: str, *, seconds: float = 40) -> None:
        """Look at a page again and again until it says something: bots and timers take their time."""
        for _ in range(round(seconds * 2)):
            self.open(path)
            if text in self.page.locator("main").inner_text():
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"Expected {text!r} on {path} within {seconds} s but it says:\n{self.text}")

    @property
    def text(self) -> str:
        """What the page's content says."""
        return self.page.locator("main").inner_text()

    def row(self, *texts: str) -> Locator:
        """The row of a list that has all these texts."""
        found = self.page.locator("tbody tr")
        for text in texts:
            found = found.filter(has_text=text)
        return found

    def take(self, case: str, step: str) -> None:
        """Take a task of one's groups; its page opens."""
        self.open("/inbox?scope=groups")
        self.row(case, step).get_by_role("button", name=re.compile(f"^{self._word('Take')}")).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(step)

    def complete(self) -> None:
        """Hand the form in and expect it to be taken."""
        self.press(self._word("Complete"))
        expect(self.page.locator(".notice.is-good")).to_be_visible()

    def drawn(self, *elements: str) -> None:
        """Expect a diagram with these elements on it."""
        self.page.locator("#diagram").scroll_into_view_if_needed()  # it is drawn once it is seen
        for element in elements:
            expect(self.page.locator(f'#diagram .djs-element[data-element-id="{element}"]')).to_be_visible()

    def download(self, name: str) -> bytes:
        """Download a file of the page; the server never offers one to be shown."""
        link = self.page.locator("main").get_by_role("link", name=name)
        with self.page.expect_download() as started:
            link.click()
        assert started.value.suggested_filename == name
        return Path(started.value.path()).read_bytes()

    def photograph(self, path: Path) -> None:
        """Keep a picture of the page."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Close the profile."""
        self._context.close()

    def _word(self, english: str) -> str:
        return english if self._language == "en" else _WORDS[english]

    def _note(self, complaint: str, kind: str = "error") -> None:
        if kind in {"error", "warning"} and not _EXPECTED_STATUS.search(complaint):
            self.complaints.append(f"{self.page.url}: {complaint}")

    def _look_at(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")


def complaints_of(people: Sequence[Person]) -> list[str]:
    """What browsers complained of, all together."""
    return [complaint for person in people for complaint in person.complaints]
