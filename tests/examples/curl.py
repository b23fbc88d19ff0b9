r"""Read the curl lines that an example gives, and run them without a shell.

What the examples use is understood and nothing else: `curl` with a few
options, a shell variable set from it, and behind it `jq -r .key`, or `grep`
and `cut` where there may be no jq; `grep` and `cut` also take the value of a
cookie out of the jar. A comment `# 401` behind a line tells the
status it should answer with; without one it is 200.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from urllib.parse import urlsplit

import httpx

LINE = re.compile(
    r"""(?:(?P<variable>[A-Z]+)=\$\((?P<inner>.*?)
        (?:\s*\|\s*jq\s-r\s\.(?P<key>\w+)
        |\s*\|\s*grep\s-o\s'(?P<found>\w+)":"[^|]*\|\scut\s[^)]*)?\)
        |(?P<plain>curl\s.*?))
        (?:\s+\#\s(?P<status>\d{3}))?\s*$""",
    re.VERBOSE,
)


@dataclass
class Command:
    """A request that a line asks for."""

    url: str = ""
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    sends_cookies: bool = False
    keeps_cookies: bool = False


class Shell:
    """Runs the lines of one docstring.

    Args:
        clients: A client for each port.
    """

    def __init__(self, clients: Mapping[int, httpx.AsyncClient]) -> None:
        self.clients = clients
        self.variables: dict[str, str] = {}
        self.jar = httpx.Cookies()

    async def run(self, line: str) -> None:
        """Run a line, and check the status it answers with."""
        parts = LINE.match(line)
        assert parts, f"not understood: {line}"
        inner = parts["inner"] or parts["plain"]
        if inner.startswith("echo"):
            output = self.expand(inner.removeprefix("echo").strip(' "'))
        elif inner.startswith("grep"):
            output = self.cookie(inner)
        else:
            response = await self.request(parse(self.expand(inner)))
            expected = int(parts["status"] or 200)
            assert response.status_code == expected, (line, response.text)
            output = response.text
        key = parts["key"] or parts["found"]
        if key:
            output = json.loads(output)[key]
        if parts["variable"]:
            self.variables[parts["variable"]] = output

    def expand(self, text: str) -> str:
        """Put the values of variables in."""
        return Template(text).substitute(self.variables)

    def cookie(self, line: str) -> str:
        """Return the value of the cookie that a line takes out of the jar."""
        found = re.fullmatch(r"grep (\w+) /tmp/jar \| cut -f 7", line)
        assert found, f"not understood: {line}"
        (value,) = (v for n, v in self.jar.items() if found[1] in n)
        return value

    async def request(self, command: Command) -> httpx.Response:
        """Send what a command asks for."""
        address = urlsplit(f"//{command.url.removeprefix('http://')}")
        client = self.clients[address.port or 80]
        client.cookies = self.jar if command.sends_cookies else httpx.Cookies()
        body = "&".join(command.fields)
        headers = dict(command.headers)
        if body:
            headers.setdefault(
                "Content-Type", "application/x-www-form-urlencoded"
            )
        response = await client.request(
            command.method or ("POST" if body else "GET"),
            address._replace(scheme="", netloc="").geturl(),
            headers=headers,
            content=body,
        )
        if command.keeps_cookies:
            self.jar = httpx.Cookies(client.cookies)
        return response


def parse(text: str) -> Command:
    """Read the arguments of curl."""
    words = iter(shlex.split(text))
    assert next(words) == "curl"
    command = Command()
    for word in words:
        if word in ("-i", "-s"):
            continue
        if word == "--head":
            command.method = "HEAD"
        elif word == "-b":
            command.sends_cookies = bool(next(words))
        elif word == "-c":
            command.keeps_cookies = bool(next(words))
        elif word == "-X":
            command.method = next(words)
        elif word == "-d":
            command.fields.append(next(words))
        elif word == "-H":
            header, _, value = next(words).partition(": ")
            command.headers[header] = value
        else:
            assert not word.startswith("-"), f"not understood: {word}"
            command.url = word
    return command


def lines(text: str) -> list[str]:
    """Return the commands in a text, each in one line."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [
        line.strip()
        for line in joined.splitlines()
        if re.match(r"\s*(curl |[A-Z]+=\$\()", line)
    ]
