"""Ways of contact by their synonyms (practice §8)."""

from __future__ import annotations

import pytest

from sheetcrm.text.channels import read_channels


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("拜访", {"拜访"}),
        ("上门", {"拜访"}),
        ("走訪客戶", {"拜访"}),
        ("面谈", {"拜访"}),
        ("到访", {"拜访"}),
        ("腾讯会议", {"视频会议"}),
        ("视频", {"视频会议"}),
        ("电话+微信", {"电话", "微信"}),
        ("电话/上门", {"电话", "拜访"}),
        ("E-mail", {"邮件"}),
        ("App", {"APP"}),
        ("传真", {"传真"}),
    ],
)
def test_a_way_of_contact_is_read_by_its_synonyms(text: str, channels: set[str]) -> None:
    assert read_channels(text) == channels
