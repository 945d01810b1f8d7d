"""The privacy step: personal data and credentials leave a text before it becomes part of a row.

    before   "mail to ann@shop.example failed: https://shop.example/send?to=ann&list=7: 403"
    after    "mail to [email] failed: https://shop.example/send: 403"

    [email]      an e-mail address, also with %40
    [card]       the number of a payment card: its length, its issuer's first digits and its check digit fit
    [token]      a credential: what follows a name such as `password=` or a scheme such as `Bearer`, what has the form of one
                 (JSON Web Tokens, keys of clouds and vendors, PEM), the random segment of a path behind a word like `reset`
    [removed]    the value of a query's parameter, or what the owner named

What only looks so stays: ids, times, hashes in names of files, UUIDs, slugs. Scrubbing twice is scrubbing once. The journal
keeps what was sent.

Texts come from strangers, so no pattern may try a run of characters again and again: a run is taken whole (possessively) or
looked at for a bounded length, and a search begins only where a run begins. Most texts hold nothing to remove; `_SUSPECT`
finds that out in one pass that stops at rare characters only, and short texts are remembered.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Literal

from msgspec import Struct

_CHARS_REMEMBERED = 1_000  # longer texts hardly repeat
_TEXTS_REMEMBERED = 2_048
_ALL_CHARS_REMEMBERED = 262_144
_ROUNDS = 4
_PARAMETERS_READ = 100
_RULES_MAX = 50
_RULE_CHARS_MAX = 200
_REMOVALS_MAX = 5_000  # of one rule in one text; who sends more wants to keep us busy, and the rest goes as a whole


class ScrubRules(Struct, frozen=True, forbid_unknown_fields=True):
    """What a monitor's owner wants taken out of texts. The defaults are on.

    `query` is about URLs: the whole query goes, or the values go and the names stay, or all stays. `keep_parameters` are
    those whose values stay all the same. `tokens` are credentials of common forms. `texts` are further literal texts, in
    which `*` stands for a run of characters that are no space.
    """

    query: Literal["remove", "names", "keep"] = "remove"
    keep_parameters: tuple[str, ...] = ()
    emails: bool = True
    card_numbers: bool = True
    tokens: bool = True
    texts: tuple[str, ...] = ()


class BadScrubRules(ValueError):
    """A rule that cannot be used; the message says which and why."""


class Scrubber:
    """Takes out of texts what one monitor's rules name. Pure, and short texts that come again are looked up."""

    def __init__(self, rules: ScrubRules = ScrubRules()) -> None:  # noqa: B008 - it is frozen
        _judge(rules)
        self._rules = rules
        self._keeps_queries = rules.query == "keep"
        self._literals = [_Literal(text) for text in rules.texts]
        self._kept = frozenset(rules.keep_parameters)
        self._texts = _Memory()
        self._urls = _Memory()

    def url(self, url: str) -> str:
        """A URL, absolute or not: its query by the rule, no user and password, what is personal in path and fragment
        replaced.
        """
        if len(url) > _CHARS_REMEMBERED:
            return self._scrub(self._with_query_by_rule(url))
        found = self._urls.get(url)
        if found is None:
            found = self._with_query_by_rule(url)
            if self._is_suspect(found):
                found = self._scrub_url(found)
            self._urls.keep(url, found)
        return found

    def text(self, text: str) -> str:
        """A message, stack, title or page id: what is personal replaced, URLs in it treated as URLs. Where a stack frame
        ends with line and column, they stay.
        """
        if len(text) > _CHARS_REMEMBERED:
            return self._scrub(text)
        found = self._texts.get(text)
        if found is None:
            found = self._scrub(text) if self._is_suspect(text) else text
            self._texts.keep(text, found)
        return found

    def _is_suspect(self, text: str) -> bool:
        if _SUSPECT.search(text) is not None:
            return True
        return bool(self._literals) and any(literal.first in text for literal in self._literals)

    def _scrub_url(self, url: str) -> str:
        for _ in range(_ROUNDS):
            before, url = url, self._with_query_by_rule(self._scrub(url))
            if url == before:
                break
        return url

    def _scrub(self, text: str) -> str:
        """What was removed may, once in a while, make what stands beside it look different: until nothing changes."""
        for _ in range(_ROUNDS if len(text) <= _CHARS_REMEMBERED else 1):
            before, text = text, self._scrub_once(text)
            if text == before:
                break
        return text

    def _scrub_once(self, text: str) -> str:
        rules = self._rules
        for literal in self._literals:
            text = literal.removed_from(text)
        if "@" in text and "//" in text:
            text = _USERINFO.sub("", text)
        text = self._without_numbers_and_tokens(text)  # before queries: a stranger's query may hold spaces
        if "?" in text and not self._keeps_queries:
            before, text = text, self._without_queries(text)
            if text != before:
                text = self._without_numbers_and_tokens(text)
        if rules.emails and _AT.search(text):
            text = _EMAIL.sub("[email]", text)
        return text

    def _without_numbers_and_tokens(self, text: str) -> str:
        if self._rules.tokens:
            text = _without_tokens(text)
        return _without_cards(text) if self._rules.card_numbers else text

    def _with_query_by_rule(self, url: str) -> str:
        if self._keeps_queries or "?" not in url:
            return url
        before, mark, fragment = url.partition("#")
        path, _, query = before.partition("?")
        route, _, query_of_route = fragment.partition("?")
        return path + self._query(query) + mark + route + self._query(query_of_route)

    def _query(self, query: str) -> str:
        """What stays of a query, with its question mark."""
        if not query or (self._rules.query == "remove" and not self._kept):
            return ""
        out = []
        for part in query.split("&", _PARAMETERS_READ)[:_PARAMETERS_READ]:
            name, equals, value = part.partition("=")
            if name in self._kept:
                out.append(part)
            elif self._rules.query == "names" and part:
                out.append(name + equals + "[removed]" if equals and value else part if equals else "[removed]")
        return "?" + "&".join(out) if out else ""

    def _without_queries(self, text: str) -> str:
        if text[0] == "/" and _PATH_ALONE.fullmatch(text):
            return self._with_query_by_rule(text)
        text = _URL_IN_TEXT.sub(self._url_in_text, text)
        return _QUERY_IN_TEXT.sub(self._query_in_text, text) if "?" in text else text

    def _url_in_text(self, found: re.Match[str]) -> str:
        address, query, fragment, query_of_route = found.groups()
        if not query and not query_of_route:
            return found[0]
        return address + self._query_with_place(query) + (fragment or "") + self._query_with_place(query_of_route)

    def _query_in_text(self, found: re.Match[str]) -> str:
        return self._query_with_place(found[1])

    def _query_with_place(self, query: str | None) -> str:
        """A query at whose end a stack frame's line and column may stand."""
        if not query:
            return ""
        place = _LINE_AND_COLUMN.search(query, max(0, len(query) - 16))
        return self._query(query) if place is None else self._query(query[: place.start()]) + place[0]


def _judge(rules: ScrubRules) -> None:
    """Refuses what cannot be used."""
    for name, given in (("keep_parameters", rules.keep_parameters), ("texts", rules.texts)):
        if len(given) > _RULES_MAX:
            raise BadScrubRules(f"{name}: at most {_RULES_MAX} can be given, these are {len(given)}")
        for each in given:
            if not each.strip():
                raise BadScrubRules(f"{name}: an empty text stands for nothing")
            if len(each) > _RULE_CHARS_MAX:
                raise BadScrubRules(f"{name}: {each[:20]!r}… is longer than {_RULE_CHARS_MAX} characters")
    for text in rules.texts:
        if not text.replace("*", "").strip():
            raise BadScrubRules(f"texts: {text!r} has nothing but wildcards, and would remove everything")


class _Memory(dict[str, str]):
    """What came of short texts. Bounded by starting anew: what is common is soon back."""

    def __init__(self) -> None:
        super().__init__()
        self._chars = 0

    def keep(self, text: str, result: str) -> None:
        self._chars += len(text)
        if self._chars > _ALL_CHARS_REMEMBERED or len(self) >= _TEXTS_REMEMBERED:
            self.clear()
            self._chars = len(text)
        self[text] = result


class _Literal:
    """A text that the owner named. What stands between its wildcards is looked for from left to right; where it fails
    within a run of non-spaces, it fails from every place in that run, so the run is left behind.
    """

    def __init__(self, text: str) -> None:
        self._parts = re.split(r"\*+", text)
        self._open = not self._parts[0]  # begins with a wildcard
        if self._open:
            del self._parts[0]
        self.first = self._parts[0]

    def removed_from(self, text: str) -> str:
        if self.first not in text:
            return text
        pieces = _PLACEHOLDERS.split(text)  # placeholders, at odd places, are what was removed before
        pieces[::2] = [self._removed_from(piece) for piece in pieces[::2]]
        return "".join(pieces)

    def _removed_from(self, text: str) -> str:
        out: list[str] = []
        done = run = 0  # what is written, and where the run of non-spaces behind the first part ends
        start = text.find(self.first)
        while start >= 0:
            here = start + len(self.first)
            if here > run:
                run = _run_end(text, here)
            end = self._end(text, here, run)
            if end is None:
                start = text.find(self.first, max(start + 1, run + 1 - len(self.first)))
                continue
            if self._open:
                start -= _run_end(text[done:start][::-1], 0)
            out += (text[done:start], "[removed]")
            if len(out) >= 2 * _REMOVALS_MAX:
                return "".join(out)
            done = end
            start = text.find(self.first, end)
        return "".join(out) + text[done:] if out else text

    def _end(self, text: str, here: int, run: int) -> int | None:
        for part in self._parts[1:]:
            if here > run:
                run = _run_end(text, here)
            if not part:  # a wildcard at the end
                return run
            found = text.find(part, here, run + len(part))
            if found < 0:
                return None
            here = found + len(part)
        return here


_RUN = re.compile(r"\S*")


def _run_end(text: str, here: int) -> int:
    found = _RUN.match(text, here)
    return found.end() if found else here


# --- Building blocks of patterns ---------------------------------------------------------------------------------------

_HEX = "[0-9A-Fa-f]"
_WORD = "[A-Za-z0-9_-]"
_PLACEHOLDER = r"\[(?:email|card|token|removed)\]"
_PLACEHOLDERS = re.compile(f"({_PLACEHOLDER})")


def _behind(words: Iterable[str], last: str, first: str = "") -> str:
    """A look behind for `first`, one of the words in any case, and one character, `last`. Words with the same end and length
    go together: the end is quickly told, and Python asks for a fixed width.
    """
    ends = groupby(sorted(set(words), key=_end_and_length), key=lambda word: word[-1])
    return "(?:" + "|".join(_behind_end(end, list(same), last, first) for end, same in ends) + ")"


def _behind_end(end: str, words: list[str], last: str, first: str) -> str:
    lengths = groupby(words, key=len)
    whole = "|".join(f"(?i:(?<={first}(?:{'|'.join(map(re.escape, same))}){last}))" for _, same in lengths)
    return f"(?<=[{end}{end.upper()}]{last})(?:{whole})"


def _end_and_length(word: str) -> tuple[str, int]:
    return word[-1], len(word)


def _either_case(letters: Iterable[str]) -> str:
    return "".join(sorted({either for letter in letters for either in (letter, letter.upper())}))


# --- URLs: user and password, query ------------------------------------------------------------------------------------

_USERINFO = re.compile(r"(?<=//)(?:[^\s/?#@\[\]\"'<>]*+@)++")
_STOPS = r"\s#\"'<>`\\"  # what no URL in a text holds
_CLOSES = r")\]},;:.!?"  # what ends a bracket or a sentence, unless the URL goes on behind it
_IN_QUERY = rf"(?:{_PLACEHOLDER}|[^{_STOPS}{_CLOSES}\[]++|\[|[{_CLOSES}]++(?=[^{_STOPS}{_CLOSES}]))++"
_URL_IN_TEXT = re.compile(rf"(://[^{_STOPS}?]*+)(?:\?({_IN_QUERY}))?+(?:(#[^{_STOPS}?]*+)(?:\?({_IN_QUERY}))?+)?+")
_QUERY_IN_TEXT = re.compile(rf"\?(?<=[\w/.~%-]\?)(?=[\w.~%\[\]+@-]{{1,256}}=)({_IN_QUERY})")
_PATH_ALONE = re.compile(r"/[^\s?\"'<>(]*+\?\S++")
_LINE_AND_COLUMN = re.compile(r"(?::[0-9]{1,7}){1,2}\Z")

# --- E-mail addresses --------------------------------------------------------------------------------------------------

# Escapes of what separates words; all others may be part of a name.
_SEPARATOR = f"(?:[01]{_HEX}|2[0-9AaCcFf]|3[A-Fa-f]|40|5[B-Eb-e]|60|7[B-Fb-f])"
_NAME = rf"(?:[\w.+-]++|%(?!{_SEPARATOR}){_HEX}{_HEX})++"
_LABEL = rf"(?:[\w-]|%[89A-Fa-f]{_HEX})++"
# A function and its file (`load@app.min.js`), and pictures for dense screens (`logo@2x.png`).
_FILE = (
    r"(?:(?!(?:com|net|org|io|co|de|fr|uk|edu|gov|info|biz)\b)[\w-]++\.(?=\w))++"
    r"(?:[mc]?[jt]sx?|css|html?|png|jpe?g|gif|svg|webp|avif|ico|woff2?|vue|svelte|json|wasm|map)(?![\w-])"
)
_AT = re.compile(r"@|%(?:25){0,3}40|\\u0040|&#64;")
_ADDRESS = (
    rf"{_NAME}(?:'{_NAME})?+(?:{_AT.pattern})(?!{_FILE})"
    rf"{_LABEL}(?:\.{_LABEL})*?\.(?:[^\W\d_]{{2}}|xn--)[\w-]*+(?:\.{_LABEL})*+"
)
_EMAIL = re.compile(rf"(?:(?<![\w.+%-])|(?<=%{_SEPARATOR})|(?<=%)(?!{_HEX}{_HEX})){_ADDRESS}(?:{_ADDRESS})*+")

# --- Payment cards -----------------------------------------------------------------------------------------------------

_BETWEEN = r"(?:[ +\u00a0\u2009\u202f\u2010-\u2013-]|%20|%C2%A0){1,2}"
_CARD = re.compile(  # only the first four digits are consumed: the number may begin at the next group as well
    r"[2-68](?<![0-9].)(?=([0-9]{3}(?:[0-9]{9,15}"
    rf"|{_BETWEEN}[0-9]{{4}}{_BETWEEN}[0-9]{{4}}{_BETWEEN}[0-9]{{1,4}}({_BETWEEN}[0-9]{{1,3}})?"
    rf"|{_BETWEEN}[0-9]{{6}}{_BETWEEN}[0-9]{{4,5}})(?![0-9])))[0-9]{{3}}"
)
_ISSUER = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"  # Visa
    r"|(?:5[1-5]|2[2-7])[0-9]{14}"  # Mastercard, Mir
    r"|3[47][0-9]{13}|3(?:0[0-59]|[689][0-9])[0-9]{11,16}|35[0-9]{14,17}"  # American Express, Diners, JCB
    r"|(?:60|62|64|65|81|82)[0-9]{14,17}"  # Discover, UnionPay, RuPay
    r"|(?:50|5[6-8]|63|67)[0-9]{11,17}"  # Maestro, Verve
)
_NO_DIGITS = re.compile(r"%20|%C2%A0|[^0-9]")
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")  # twice the digit, its own digits added
_UUID = re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}")
_DECIMAL = re.compile(r"(?:\A|[^0-9])[0-9]{1,11}\.\Z")
_LETTERS_AND_DIGITS = re.compile(r"[0-9A-Za-z]*")
_HASH = re.compile(rf"(?:{_HEX}{{20}}|{_HEX}{{24}}|{_HEX}{{32}}|{_HEX}{{40}}|{_HEX}{{56}}|{_HEX}{{64}}|{_HEX}{{96,}})")
_CHARS_AROUND = 128


def _without_cards(text: str) -> str:
    out: list[str] = []
    done = 0
    for found in _CARD.finditer(text):
        start = found.start()
        if start < done:
            continue
        for end in (found.end(1), found.start(2)):  # the last three digits may be no part of the number
            if end > 0 and _is_card(text, start, end, done):
                out += (text[done:start], "[card]")
                done = end
                break
    return "".join(out) + text[done:] if out else text


def _is_card(text: str, start: int, end: int, done: int) -> bool:
    digits = text[start:end].encode(errors="replace").translate(None, b" -+")
    if not digits.isdigit():
        digits = _NO_DIGITS.sub("", text[start:end]).encode()
    if (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED)) - 48 * len(digits)) % 10:
        return False
    return _ISSUER.fullmatch(digits.decode()) is not None and not _is_part(text, start, end, done)


def _is_part(text: str, start: int, end: int, done: int) -> bool:
    """Whether these are but some digits of a UUID, of a hash, or behind a decimal point. What is `done` is a card already."""
    if _DECIMAL.search(text[max(done, start - 13) : start]) is not None:
        return True
    around = text[max(0, start - 36) : end + 36]
    at = start - max(0, start - 36)
    if any(each.start() < at + end - start and each.end() > at for each in _UUID.finditer(around)):
        return True
    before = _LETTERS_AND_DIGITS.match(text[max(0, start - _CHARS_AROUND) : start][::-1])
    after = _LETTERS_AND_DIGITS.match(text, end, end + _CHARS_AROUND)
    run = (before[0][::-1] if before else "") + text[start:end] + (after[0] if after else "")
    return not run.isdigit() and _HASH.fullmatch(run) is not None


# --- Credentials: by name, scheme, form, place --------------------------------------------------------------------------

_KEYS = ("api", "access", "secret", "private", "auth", "encryption", "subscription", "signing", "shared", "license")
_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "pwd")
_NAMES = (
    *_PASSWORDS,
    *("secret", "token", "jwt", "otp", "csrf", "xsrf", "signature", "sig", "credential", "assertion", "samlresponse"),
    *(
        "session",
        "sessionid",
        "session_id",
        "session-id",
        "sessid",
        "sid",
        "auth",
        "authorization",
        "cookie",
        "oobcode",
    ),
    *("access_key_id", "accesskeyid", "key-pair-id"),
    *(f"{key}{between}key" for key in _KEYS for between in ("", "_", "-")),
)
_PARAMETERS = (
    "code",
    "key",
    "ticket",
    "hash",
    "otk",
    "state",
    "nonce",
)  # in queries only, elsewhere they are plain words
_OPEN = rf"(?:\\{{0,4}}[\"']|%2[27])?+(?:(?!{_PLACEHOLDER})[\[({{])?+"
_SCHEME = r"(?:(?i:Bearer|Basic|Digest|Token|Negotiate|NTLM|HMAC|ApiKey|Key|AWS4-HMAC-SHA256)(?:[ +:]|%20)++)"
# A colon, or spaces, stand in prose too: what follows must look like a credential …
_LIKELY = r"(?!https?:|%)(?=[^\s\"'&]{6})(?=[^\s\"'&0-9]{0,64}[0-9])"
# … but a password may look like a word.
_PROSE = (
    r"(?:null|undefined|true|false|none|required|invalid|incorrect|missing|wrong|expired|must|should|cannot|changed|reset"
    r"|minimum|field|string|please|does|is|not|at|too|may|the)(?![\w-])"
)
_CREDENTIAL = (
    r"(?:(?<=\\[\"'])(?:[^\"'\\\r\n]|\\(?![\"'\\]))++"
    r"|(?<=\")(?:[^\"\\\r\n]|\\[^\r\n])++"
    r"|(?<=')(?:[^'\\\r\n]|\\[^\r\n])++"
    rf"|(?:[^\s\"'&<>`#\\,;(){{}}\[\]|:]++|:(?![0-9]{{1,7}}:[0-9]{{1,7}}(?![\w:.%-]))"
    rf"|(?!{_PLACEHOLDER})[,;(){{}}\[\]|](?=[\w%]))++)"
)
_NAMED = re.compile(
    rf"""(
      [\ "'\]\\=:%](?<=[{_either_case(name[-1] for name in _NAMES + _PARAMETERS)}].)(?<!\[token\])
      (?: (?: {_behind(_PASSWORDS, last=".")}() | {_behind(_NAMES, last=".")} )
          (?: (?: (?<==)(?![=>])
                | (?<=["'\]\\])[\\"'\]]{{0,6}}[ ]{{0,3}}[=:](?![=>])[ ]{{0,3}}
                | (?<=%)(?:3[Dd]|(?:2[27]|5[Dd])(?:%3[AaDd]|=)(?:%20)?) )
              {_OPEN} {_SCHEME}?+ (?!(?:null|undefined|true|false)\b)
            | (?: (?<=:)(?!//)[ ]{{0,3}} | (?<=[ ])[ ]{{0,2}}[=:](?![=>])[ ]{{0,3}} | (?<=%)(?:20%3[AaDd]|3[Aa])(?:%20|\+)?+ )
              {_OPEN} (?: {_SCHEME}(?=[^\s"']{{4}}) | (?(2)(?!{_PROSE})(?=[^\s"']{{4}})|{_LIKELY}) ) )
        | {_behind(_PARAMETERS, first="[?&#]", last="=")} (?=[^\s&"'\#]{{12}}) {_LIKELY}
      )
    ){_CREDENTIAL}""",
    re.VERBOSE,
)
_COOKIES = re.compile(r"([Cc](?:ookie|OOKIE)2?[\"']?\s?[:=]\s?[\"']?)(?=[^\s=;\"']{1,64}=)[^\r\n\"']++")
_BEARER = re.compile(
    r"([Bb](?:earer|EARER)(?:[ +:=]|%20){1,3})(?=[\w.~+/=%-]{0,200}(?:[0-9]|[a-z][A-Z]))[\w.~+/=%-]{8,}+", re.ASCII
)
_PEM = re.compile(r"-----BEGIN[A-Z0-9 %+]{1,60}-----(?:[^-]++|-(?!----))*+(?:-----END[A-Z0-9 %+]{1,60}-----)?")
# Prefixes by which vendors mark their keys, and the least length of what follows.
_PREFIXES = (
    *(("AIza", 30), ("GOCSPX-", 20), ("ya29.", 20)),  # Google
    *((f"gh{kind}_", 20) for kind in "pousr"),
    *(("github_pat_", 20), ("npm_", 30), ("pypi-", 40)),
    *((f"gl{kind}-", 16) for kind in ("pat", "ptt", "dt", "rt", "cbt", "soat", "ft", "imt", "agent", "oas")),
    *((f"xox{kind}-", 10) for kind in "abcdeoprs"),
    *((f"{kind}k_{mode}_", 10) for kind in "spr" for mode in ("live", "test")),  # Stripe
    *(("xapp-", 10), ("whsec_", 16), ("rzp_live_", 14), ("rzp_test_", 14), ("sq0atp-", 20), ("sq0csp-", 20)),
    *((f"shp{kind}_", 30) for kind in ("at", "ca", "pa", "ss")),  # Shopify
    *((f"do{kind}_v1_", 32) for kind in "opr"),  # DigitalOcean
    *(("sk-ant-", 20), ("sk-proj-", 20), ("gsk_", 40), ("hf_", 30), ("r8_", 30), ("xai-", 40)),
    *(("lin_api_", 30), ("secret_", 40), ("ntn_", 40), ("figd_", 40), ("sbp_", 40), ("hvs.", 24), ("dp.pt.", 40)),
    *(("glsa_", 30), ("glc_", 30), ("NRAK-", 20), ("sntrys_", 30), ("PMAK-", 24), ("ATATT3", 40), ("SG.", 20)),
    *(("EAA", 60), ("IQoJ", 60)),
)
_BEGINS = (
    rf"(?:(?<![A-Za-z0-9].)|(?<=%{_HEX}{{2}}.))"  # behind its first character: a word begins here, or after an escape
)


def _prefixes() -> str:
    by_letter = groupby(sorted(_PREFIXES), key=lambda known: known[0][0])
    return "|".join(
        f"{letter}{_BEGINS}(?:{'|'.join(f'{re.escape(prefix[1:])}{_WORD}{{{least},}}+' for prefix, least in same)})"
        for letter, same in by_letter
    )


_FORMS = re.compile(
    rf"eyJ[\w-]{{10,}}+(?:\.[\w-]*+){{0,4}}+"  # JSON Web Tokens: JSON that begins with {{" in base64
    r"|A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{12,}+|LTAI[A-Za-z0-9]{12,}+|AKID[A-Za-z0-9]{13,}+|GOOG[A-Z0-9]{20,}+"
    rf"|s{_BEGINS}k[-_](?:[a-z0-9]{{2,8}}+-){{0,2}}+(?=[A-Za-z0-9]{{20}})(?={_WORD}{{0,40}}[0-9]){_WORD}{{20,}}+"
    rf"|k{_BEGINS}ey-{_HEX}{{32}}|S{_BEGINS}K{_HEX}{{32}}"
    rf"|1{_BEGINS}(?://|%2F%2F)0{_WORD}{{30,}}+"  # Google's, to renew others
    rf"|{_prefixes()}",
    re.ASCII,
)
_PLACES = (
    *(
        "reset",
        "password",
        "recover",
        "recovery",
        "verify",
        "verification",
        "confirm",
        "confirmation",
        "activate",
        "activation",
    ),
    *(
        "invite",
        "invites",
        "invitation",
        "invitations",
        "join",
        "accept",
        "magic",
        "magic-link",
        "magiclink",
        "unsubscribe",
    ),
    *("verify-email", "email-verify", "confirm-email", "token", "auth", "login", "signin", "sso", "otp", "one-time"),
)
_SEGMENT = r"[\w.~=%-]"
_SEGMENT_MIN = 20
_LONG_SEGMENT = rf"{_SEGMENT}{{{_SEGMENT_MIN}}}"
_IN_PLACE = re.compile(
    rf"([/%](?<=[{_either_case(name[-1] for name in _PLACES)}].)(?=(?:2[Ff])?(?:[\w-]{{1,40}}+/)?{_LONG_SEGMENT}){_behind(_PLACES, last='.')}(?:(?<=/)|(?<=%)2[Ff])"
    rf"(?:[\w-]{{1,40}}+(?<=[0-9])/(?={_LONG_SEGMENT}))?+)({_LONG_SEGMENT}{_SEGMENT}*+)",
    re.ASCII,
)
_WORDS = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)?")
_BETWEEN_WORDS = re.compile(r"[-_.~=%]")
_CHANGES = re.compile(r"[a-z][A-Z0-9]|[A-Z][a-z0-9]|[0-9][A-Za-z]")
_CHANGES_MIN = 4
_FILE_NAME = re.compile(r"\.(?:[mc]?[jt]sx?|css|html?|php|png|jpe?g|gif|svg|webp|avif|ico|woff2?|json|map|pdf)$")


def _without_tokens(text: str) -> str:
    if "-----BEGIN" in text:
        text = _PEM.sub("[token]", text)
    if "ookie" in text:
        text = _COOKIES.sub(_named_token, text)
    if "earer" in text or "EARER" in text:
        text = _BEARER.sub(_named_token, text)
    text = _NAMED.sub(_named_token, text)
    text = _FORMS.sub("[token]", text)
    return _IN_PLACE.sub(_placed_token, text)


def _named_token(found: re.Match[str]) -> str:
    return f"{found[1]}[token]"


def _placed_token(found: re.Match[str]) -> str:
    """A segment that no person would write; slugs and numbers stay."""
    segment = found[2]
    if _FILE_NAME.search(segment):
        return found[0]
    odd = [part for part in _BETWEEN_WORDS.split(segment) if not _WORDS.fullmatch(part)]
    changes = sum(len(_CHANGES.findall(part)) for part in odd)
    return f"{found[1]}[token]" if changes >= _CHANGES_MIN else found[0]


# --- The quick test ----------------------------------------------------------------------------------------------------


def _marks() -> str:
    """Where a vendor's prefix ends with a mark of punctuation, and enough follows."""
    marked = {(prefix[-1], prefix[-3:-1]) for prefix, _ in _PREFIXES if prefix[-1] in "_-." and len(prefix) > 2}
    by_mark = groupby(sorted(marked | {("-", "sk"), ("_", "sk"), ("-", "ey")}), key=lambda each: each[0])
    return "|".join(
        rf"{re.escape(mark)}(?<=(?:{'|'.join(before for _, before in same)}).)(?={_WORD}{{10}})"
        for mark, same in by_mark
    )


def _ends(words: Iterable[str]) -> str:
    ends = sorted({word[-2:] for word in words})
    return f"(?<=[{_either_case(end[1] for end in ends)}].)(?i:(?<=(?:{'|'.join(ends)}).))"


# Each begins with one rare character, so that a search leaps from one of those to the next; the commonest come first.
_SUSPECT = re.compile(
    rf"/(?={_LONG_SEGMENT})(?:(?<=[0-9].)|{_ends(_PLACES)})"
    rf"|:(?:{_ends(_NAMES)}|(?<=[\"'\]\\ ]:))|{_marks()}|%|=|@|\?|----BEGIN"
    r"|A(?:KIA|SIA|BIA|CCA|ROA|IDA|KID|Iza|TATT)|bearer|B(?:earer|EARER)|SK[0-9a-fA-F]{32}|EAA|LTAI|GOOG|IQoJ|J(?<=eyJ)"
    r"|&#64;|\\u0040|1//0|"
    + "|".join(rf"{digit}[0-9]{{3}}(?:[0-9]{{9}}|[^0-9A-Za-z]{{1,2}}[0-9]{{4,6}}[^0-9A-Za-z])" for digit in "234568"),
    re.ASCII,
)
