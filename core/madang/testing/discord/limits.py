"""Rate limits: windows by route and major parameter, the global one, and the invalid requests."""

import hashlib
from dataclasses import dataclass

from madang.testing.discord.clock import Clock
from madang.testing.discord.rules import Rate, Rules

VIA = {"Via": "1.1 google"}


class Limited(Exception):
    """End a request with a 429."""

    def __init__(self, retry_after: float, headers: dict[str, str], *, everywhere: bool) -> None:
        super().__init__(f"retry after {retry_after:.3f} s")
        self.body = {
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": everywhere,
        }
        self.headers = {**VIA, **headers, "Retry-After": str(max(1, round(retry_after)))}


@dataclass
class _Window:
    ends: float
    used: int = 0


class Limits:
    """Count requests; `refused` is how many 429 these limits gave, `invalid` all 401, 403, 429."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self.rules = rules
        self.refused = 0
        self.invalid = 0
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    @property
    def banned(self) -> bool:
        """Tell whether so many requests were invalid that the service stops listening."""
        return self.invalid >= self.rules.invalid_requests

    def take_global(self) -> None:
        """Count a request against the global rate, or raise Limited."""
        rate = self.rules.global_rate
        window = self._window("global", rate)
        if window.used >= rate.count:
            headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
            raise self._limited(window, headers, everywhere=True)
        window.used += 1

    def take(self, route: str, rate_name: str, major: str) -> dict[str, str]:
        """Count a request against its bucket and return the headers, or raise Limited."""
        rate = self.rules.rates.get(rate_name, self.rules.rates["other"])
        window = self._window(f"{route} {major}", rate)
        free = rate.count - window.used
        headers = self._headers(route, rate, window, max(0, free - 1))
        if free <= 0:
            raise self._limited(window, {**headers, "X-RateLimit-Scope": "user"}, everywhere=False)
        window.used += 1
        return headers

    def _window(self, key: str, rate: Rate) -> _Window:
        window = self._windows.get(key)
        if window is None or window.ends <= self._clock.now():
            window = self._windows[key] = _Window(self._clock.now() + rate.seconds)
        return window

    def _headers(self, route: str, rate: Rate, window: _Window, left: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(rate.count),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{window.ends:.3f}",
            "X-RateLimit-Reset-After": f"{window.ends - self._clock.now():.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        }

    def _limited(self, window: _Window, headers: dict[str, str], *, everywhere: bool) -> Limited:
        self.refused += 1
        left = round(max(0.001, window.ends - self._clock.now()), 3)
        return Limited(left, headers, everywhere=everywhere)
