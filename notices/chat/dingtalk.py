"""A robot of DingTalk as DingTalk wants to be spoken to.

The library writes its signature percent-encoded twice, which a signed robot refuses, and takes HTTP 200 for a yes, with which DingTalk
says no too. Here the signature is encoded once, and yes is the error code 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote

import requests
from apprise.manager_plugins import NotificationManager
from apprise.plugins.dingtalk import NotifyDingTalk


class Robot(NotifyDingTalk):
    def send(self, body: str, title: str = "", **_unused: Any) -> bool:  # type: ignore[override]
        """Once; False where it did not say yes."""
        self.throttle()  # type: ignore[no-untyped-call]
        said: dict[str, Any] = {
            "msgtype": "text",
            "text": {"content": f"{title}\r\n{body}" if title else body},
            "at": {"atMobiles": self.targets, "isAtAll": False},
        }
        try:
            answer = requests.post(
                self.notify_url.format(token=self.token), json=said, params=self._signed(), verify=self.verify_certificate,
                timeout=self.request_timeout, allow_redirects=False,
            )  # fmt: skip
            told = answer.json()
        except requests.RequestException:  # its words hold the address
            return False
        return bool(answer.status_code == requests.codes.ok and isinstance(told, dict) and told.get("errcode") == 0)

    def _signed(self) -> dict[str, str]:
        """Parameters that `requests` encodes: the signature as it is."""
        if not self.secret:
            return {}
        timestamp, sign = self.get_signature()  # type: ignore[no-untyped-call]
        return {"timestamp": timestamp, "sign": unquote(sign)}


@cache
def speak() -> None:
    """From now on the library reads `dingtalk://` as this robot."""
    known = NotificationManager()  # type: ignore[no-untyped-call]
    known.add(Robot, schemas={"dingtalk"}, force=True)  # type: ignore[no-untyped-call]
