"""What leads to a person online: e-mail addresses, links, names on social networks, codes."""

import re
from string import ascii_letters, digits

from analysis.masking.folding import GAP, Span, apart, words

_LOCAL = ascii_letters + digits + "._%+-"
_LONGEST_LOCAL = 64
_DOMAIN = re.compile(r"\s?(?:[A-Za-z0-9\-]{1,63}\s?[.,]\s?){1,4}[A-Za-z]{2,12}(?![A-Za-z0-9])")
_PROVIDERS = words("gmail gmai gmial yahoo ymail hotmail outlook icloud rocketmail protonmail live")
_PROVIDER = f"(?:{'|'.join(sorted(_PROVIDERS))})"
_AT_WORDS = ("at", "dot", "titik")
_BARE_DOMAIN = re.compile(rf"\s?{_PROVIDER}\b", re.I)
_AT = r"\s{0,2}[\[({]?\s?(?:at|et|@)\s?[\])}]?\s{0,2}"
_DOT = r"\s{0,2}[\[({]?\s?(?:dot|titik|\.)\s?[\])}]?\s{0,2}"
_SPOKEN = re.compile(
    rf"(?<![\w.])[\w.\-]{{2,40}}(?:{_DOT}[\w\-]{{1,20}})?(?:{_AT}{_PROVIDER}(?:{_DOT}(?:com|co|id)\b)+"
    rf"|\s?[\[({{]\s?at\s?[\])}}]\s?[\w\-]{{2,30}}(?:{_DOT}[a-z]{{2,6}}\b)+)",
    re.I,
)
_APART = re.compile(rf"(?<![\w.])(?=[\w.]{{0,30}}[\d_.])[\w.]{{3,40}} {_PROVIDER}\s?[. ]\s?com\b", re.I)

_TLD = (
    r"(?:com|net|org|info|biz|xyz|app|dev|link|page|site|online|store|shop|club|top|me|io|ly|co|gl|gg|to|tv|id|"
    r"gov|edu|ai|be|cc|im|us|uk|my|sg)"
)
_LINK = re.compile(
    r"(?<![\w@.\-])(?:(?:https?|ftp|hxxps?)\s?:\s?//\s?)?"
    rf"(?:[A-Za-z0-9\-]{{1,63}}\.){{1,6}}{_TLD}(?![\w\-])(?::\d{{1,5}})?(?P<rest>[/?#][^\s{GAP}<>\"']*)?",
    re.I,
)
_OTHER_LINK = re.compile(rf"(?:https?|ftp|hxxps?)://[^\s{GAP}<>\"']+", re.I)
_PHONE_LINK = re.compile(r"(?:wa\.me|api\.whatsapp\.com/send|t\.me)/?\??(?:phone=)?\+?\d{8,15}", re.I)
_HANDLE_LINK = re.compile(
    r"(?:t\.me|(?:www\.|m\.)?(?:instagram|facebook|fb|twitter|x|tiktok|threads)\.(?:com|net))/@?[\w.\-]+",
    re.I,
)
_CLOSING = ".,;:!?)]}»…"

_HANDLE = re.compile(r"(?<![\w.@])@(?!rp\b|rp\d)[A-Za-z](?:[\w.]{1,29}\w)(?!\w)", re.I)
_NETWORKS = words(
    "ig insta instagram fb facebook twitter tiktok telegram tele line discord username user akun skype "
    "threads"
)
_NETWORK = (
    r"\b(?:ig|insta|instagram|fb|facebook|twitter|tiktok|telegram|tele|line|id line|line id|discord|username|"
    r"user ?name|user id|akun|skype|threads)"
)
_NAMED_HANDLE = re.compile(
    _NETWORK + r"(?:nya|ku| saya| aku| gue| beliau| pelaku| petugas(?:nya)?)?\s?(?:"
    r"[:=]\s?@?(?P<told>[A-Za-z][\w.]{1,29}\w)|@?(?P<shaped>(?=[A-Za-z.]{0,28}[\d_])[A-Za-z][\w.]{1,29}\w))(?!\w)",
    re.I,
)

# Codes of links and receipts have twelve characters without look-alikes, mostly shown in groups of four.
_CODE_LETTER = r"[2-9ACDEFHJKMNPRTVWXY]"
_CODE = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_CODE_LETTER}{{4}}([ \-.]?){_CODE_LETTER}{{4}}\1{_CODE_LETTER}{{4}})"
    r"(?![A-Za-z0-9])",
    re.I,
)
_LONG_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]{0,15}\d)(?=\d{0,15}[A-Za-z])[A-Za-z0-9]{16,128}(?![A-Za-z0-9])"
)
_GLUED_NIK = re.compile(r"[A-Za-z]{2,}\d{6}[0-7]\d[01]\d{7}")
_CODE_WORDS = words("kode code kodenya receipt tanda tautan link linknya")
_DIGIT = re.compile(r"\d")
_CODE_LABEL = re.compile(
    r"\b(?:kode|code|tanda terima|receipt|tautan|link)(?:nya)?[ :=]{1,3}(?:saya )?$", re.I
)


def find_online(text: str, said: frozenset[str]) -> list[Span]:
    """Addresses, links, handles and codes in a folded text, in order and apart."""
    spans: list[Span] = []
    if "@" in text:
        spans += _emails(text)
    if not said.isdisjoint(_PROVIDERS) or not said.isdisjoint(_AT_WORDS):
        for pattern in (_SPOKEN, _APART):
            spans += [Span(*found.span(), "email") for found in pattern.finditer(text)]
    if "." in text or "//" in text:
        spans += _links(text)
    if "@" in text:
        spans += [Span(*found.span(), "handle") for found in _HANDLE.finditer(text)]
    if not said.isdisjoint(_NETWORKS):
        spans += _named_handles(text)
    if _DIGIT.search(text) or not said.isdisjoint(_CODE_WORDS):
        spans += _codes(text)
    return apart(spans)


def _emails(text: str) -> list[Span]:
    spans: list[Span] = []
    at = text.find("@")
    while at >= 0:
        before = text[max(0, at - _LONGEST_LOCAL) : at]
        local = before.rstrip(" ") if before.endswith(" ") and not before.endswith("  ") else before
        start = at - len(before) + len(local.rstrip(_LOCAL))
        found = _DOMAIN.match(text, at + 1)
        if not found and local is before:
            found = _BARE_DOMAIN.match(text, at + 1)
        if found and start < at - (len(before) - len(local)):
            spans.append(Span(start, found.end(), "email"))
        at = text.find("@", at + 1)
    return spans


def _links(text: str) -> list[Span]:
    spans = []
    for found in _LINK.finditer(text):
        # A host alone says which service is meant; what stands behind it may lead to a person.
        if len((found["rest"] or "").rstrip(_CLOSING)) > 1:
            spans.append(_link(text, found.start(), found.end()))
    spans += [
        _link(text, found.start(), found.end())
        for found in _OTHER_LINK.finditer(text)
        if not _LINK.fullmatch(found[0].rstrip(_CLOSING + "/"))
    ]
    return apart(spans)


def _link(text: str, start: int, end: int) -> Span:
    written = text[start:end].rstrip(_CLOSING)
    if _PHONE_LINK.search(written):
        return Span(start, start + len(written), "phone")
    return Span(start, start + len(written), "handle" if _HANDLE_LINK.search(written) else "link")


def _named_handles(text: str) -> list[Span]:
    spans = []
    for found in _NAMED_HANDLE.finditer(text):
        group = "told" if found["told"] else "shaped"
        spans.append(Span(*found.span(group), "handle"))
    return spans


def _codes(text: str) -> list[Span]:
    spans = []
    for found in _CODE.finditer(text):
        written = found[0]
        mixed = any(map(str.isdigit, written)) and any(map(str.isalpha, written))
        if found[1] in (" ", "."):
            mixed = mixed and written.upper() == written and _mixed_group(written.split(found[1]))
        before = text[max(0, found.start() - 24) : found.start()]
        if mixed or (written.isupper() and _CODE_LABEL.search(before)):
            spans.append(Span(*found.span(), "code"))
    # A NIK that is glued to the word before it is a NIK.
    return spans + [
        Span(*found.span(), "code")
        for found in _LONG_CODE.finditer(text)
        if not _GLUED_NIK.fullmatch(found[0])
    ]


def _mixed_group(groups: list[str]) -> bool:
    return any(not group.isalpha() and not group.isdigit() for group in groups)
