"""Tell an article from what servers send in its place: a challenge, a consent wall, a shell."""

import html
import re
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding

from flows.extract.prefilter import may_hold_bulletin

LEAST_TEXT = 100
"""Fewer visible characters than this are no bulletin, however short."""

LITTLE_TEXT = 1500
"""Such pages say little; a longer text that speaks of captchas is an article."""

MORE_TEXT = 6000
"""Consent walls and parked domains can be wordy: up to here several of their phrases must stand."""

_SEVERAL = 3
_NUMBERS_OF_A_BULLETIN = 2

_HIDDEN = re.compile(
    rb"<(script|style|template|svg)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.I | re.S
)
_TAG = re.compile(rb"<[^<>]*>")
_SPACE = re.compile(rb"\s+")
_NUMBER = re.compile(r"(?<![A-Za-z\d.#:/-])(?!20[12]\d\b)\d[\d.,\u00a0\u202f ]*\d(?![A-Za-z\d:/-])")
"""A number that stands for itself: no year, and no part of an address, a time or an id."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of page: its phrases, and how many of them a short page must show."""

    name: str
    phrases: "re.Pattern[str]"
    least: int = 1


def _phrases(*alternatives: str) -> "re.Pattern[str]":
    return re.compile("|".join(alternatives), re.IGNORECASE)


_KINDS = (
    _Kind(
        "a bot challenge",
        _phrases(
            r"just a moment",
            r"captcha",
            r"checking (?:if the site|your browser)",
            r"are you a (?:robot|human)",
            r"not a (?:ro)?bot",
            r"verify(?:ing)? (?:that )?you are (?:a )?human",
            r"(?:enable|requires?) javascript",
            r"unusual (?:traffic|activity)",
            r"ddos[ -]protection",
            r"attention required",
            r"access denied",
            r"перевірка (?:вашого )?браузера|ви не робот|проверка (?:вашего )?браузера|вы не робот",
            r"bist du ein mensch|kein roboter|vous n.êtes pas un robot|no (?:eres|soy) un robot",
            r"nie jestes robotem|nie jesteś robotem",
        ),
    ),
    _Kind(
        "a consent wall",
        _phrases(
            r"before you continue",
            r"we value your privacy|your privacy (?:choices|matters)|privacy (?:settings|choices)",
            r"(?:accept|agree to|reject|allow) (?:all|cookies)",
            r"manage (?:cookies|options|preferences|choices|settings)",
            r"(?:we|our|\d) (?:and our )?(?:\d[\d,. ]* )?partners",
            r"store and/or access information on a device",
            r"use (?:of )?cookies|cookie (?:consent|policy|settings|preferences)",
            r"withdraw (?:your )?consent|legitimate interest|give (?:your )?consent",
            r"прийняти (?:всі|усі)|файл\w* cookie|налаштування конфіденційності",
            r"ми та наші партнери",
            r"принять (?:все|всё)|мы и наши партн[её]ры",
            r"alle akzeptieren|zustimmen und weiter|wir und unsere|tout accepter|nos partenaires"
            r"|aceptar (?:todo|y continuar)|nuestros socios|accetta (?:tutto|e continua)",
            r"zaakceptuj|akceptuj(?:ę|e)|nasi partnerzy",
        ),
        least=2,
    ),
    _Kind(
        "a parked domain",
        _phrases(
            r"domain (?:name )?(?:is|may be|has been) (?:for sale|parked|registered|expired)",
            r"buy this domain|this domain (?:was|is) (?:recently )?(?:purchased|available)",
            r"parked (?:free|domain|by)|domain parking",
            r"related (?:searches|links)|make an offer",
            r"домен (?:продається|продаётся|продается|припарковано|припаркован)",
            r"domain (?:steht zum verkauf|zu verkaufen)|domaine est à vendre",
        ),
    ),
    _Kind(
        "a login",
        _phrases(
            r"(?:log|sign) ?in (?:to|with|or|required|below)|please (?:log|sign) ?in",
            r"(?:subscribe|register|create (?:a free |an )?account) to (?:continue|read)",
            r"(?:subscribers|members) only|already (?:a subscriber|have an account)",
            r"forgot(?:ten)? (?:your )?password",
            r"увійдіть|увійти до|забули пароль|лише для передплатників|войдите|забыли пароль",
            r"bitte (?:melden|loggen) sie sich|passwort vergessen|identifiez-vous"
            r"|mot de passe oublié|inicia(?:r)? sesión para|zaloguj się",
        ),
    ),
    _Kind(
        "a page that says it is not there (a soft 404)",
        _phrases(
            r"(?:page|article|story|content|post) (?:was |is |could |can )?(?:not|cannot) (?:be )?"
            r"(?:found|available)",
            r"(?:page|article|story) (?:you (?:are looking for|requested)|(?:does|do) not exist)",
            r"no longer (?:exists|available)|error 404|404 (?:error|not found|[-–—])",
            r"сторінк\w+ не (?:знайдено|існує)|помилка 404",
            r"страниц\w+ не (?:найдена|существует)|ошибка 404",
            r"seite (?:wurde )?nicht gefunden|page introuvable|página no (?:encontrada|existe)"
            r"|pagina non trovata|strona nie (?:istnieje|została)|stránka nenalezena",
        ),
    ),
)
_PASSWORD = re.compile(rb"<input\b[^>]*type\s*=\s*[\"']?password", re.I)
_SCRIPTED = re.compile(
    rb"challenge-platform|cf-chl|g-recaptcha|hcaptcha|_incapsula_|ddos-guard", re.I
)
_MARKUP = ("html", "text/plain")


def what_instead(content: bytes, media_type: str = "text/html") -> str | None:
    """Say what a page is instead of an article; None for what may be one, and for data and feeds.

    It is a coarse sieve in front of the archive; whether the text is a bulletin is for the parser.
    A page with words and numbers of a bulletin always passes.
    """
    if not any(kind in media_type.lower() for kind in _MARKUP):
        return None if content.strip() else "an empty answer"
    visible = _visible(content)
    if len(visible) < LEAST_TEXT:
        return _KINDS[0].name if _SCRIPTED.search(content) else "an empty page or an empty shell"
    if len(visible) > MORE_TEXT:
        return None
    text = html.unescape(_decoded(visible))
    found = _kind(text)
    if found is None and len(visible) <= LITTLE_TEXT and _PASSWORD.search(content):
        found = "a login"
    return found if found and not _speaks_of_losses(text) else None


def _visible(content: bytes) -> bytes:
    return _SPACE.sub(b" ", _TAG.sub(b" ", _HIDDEN.sub(b" ", content))).strip()


def _decoded(visible: bytes) -> str:
    try:
        return visible.decode()
    except UnicodeDecodeError:
        # Of a short text in Cyrillic letters the detection says that it is UTF-8, which it is not.
        found = detect_encoding(visible) or "utf-8"
        return visible.decode("windows-1251" if found == "utf-8" else found, "replace")


def _kind(text: str) -> str | None:
    little = len(text) <= LITTLE_TEXT
    for kind in _KINDS:
        phrases = {found.lower() for found in kind.phrases.findall(text)}
        if len(phrases) >= (kind.least if little else _SEVERAL):
            return kind.name
    return None


def _speaks_of_losses(text: str) -> bool:
    return len(_NUMBER.findall(text)) >= _NUMBERS_OF_A_BULLETIN and may_hold_bulletin(text)
