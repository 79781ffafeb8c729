"""Reads a page of a report in either language: the words on it, and its numbers as English writes them.

Belongs here: what the tests of the reports share. Never here: a test.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import lxml.html

MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]
SHORT_MONTHS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


def said(html: str, language: str) -> set[str]:
    """Return the texts of a page that are words: without what is code, and without names of products."""
    assert f'<html lang="{language}">' in html
    tree: Any = lxml.html.fromstring(html)
    found = [
        *tree.xpath("//text()[not(ancestor::code or ancestor::small or ancestor::style)]"),
        *tree.xpath("//@aria-label[not(ancestor::*[@aria-hidden])]"),
    ]
    return {text for one in found if re.search("[A-Za-z]{2}", text := " ".join(one.split()).strip(" ;:,.()"))}


def figures(html: str) -> Counter[str]:
    """Return the numbers of a page, as English writes them, whatever its language."""
    tree: Any = lxml.html.fromstring(html)
    # \u00a0 is no space of a number, as \u202f is
    text = " ".join(one for one in tree.xpath("//text()[not(ancestor::style)]")).replace("\u00a0", " ")
    if '<html lang="fr">' in html:
        text = re.sub(r"(?<=\d)\u202f(?=\d)", "\0", re.sub(r"(?<=\d),(?=\d)", ".", text)).replace("\0", ",")
        for place, (month, short) in enumerate(zip(MONTHS, SHORT_MONTHS, strict=True), 1):
            text = re.sub(rf"(\d+)(?:er)? {month} (\d{{4}})", lambda day, place=place: f"{day[2]}-{place:02}-{int(day[1]):02}", text)
            text = re.sub(rf"\b{month} (\d{{4}})", rf"\1-{place:02}", text).replace(f" {short} ", f" {place:02} ")
    return Counter(re.findall(r"\d[\d,.]*\d|\d", text))
