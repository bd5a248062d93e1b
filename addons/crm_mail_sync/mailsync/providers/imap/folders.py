# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The folders of a mailbox: LIST (RFC 3501), SPECIAL-USE (RFC 6154) and, where it is missing, names."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import FolderUnreadable, ProtocolError
from ...provider import Folder, FolderRole
from .grammar import Response, mailbox_name
from .wire import Wire

# Bytes of a name with its parents; ids made of longer ones would not fit into an index.
_LONGEST_NAME = 1000
_ATTRIBUTES: dict[bytes, FolderRole] = {
    b"\\INBOX": "inbox",
    b"\\SENT": "sent",
    b"\\DRAFTS": "drafts",
    b"\\JUNK": "junk",
    b"\\SPAM": "junk",
    b"\\TRASH": "trash",
    b"\\ARCHIVE": "archive",
    b"\\ALL": "all",
    b"\\ALLMAIL": "all",
    b"\\FLAGGED": "flagged",
}

# What mail programs and providers call these folders where the server does not mark them. In lower case.
_NAMES: dict[FolderRole, str] = {
    "sent": "sent|sent items|sent mail|sent messages|sent-mail|gesendet|gesendete elemente|gesendete objekte|"
    "gesendete nachrichten|envoyés|éléments envoyés|messages envoyés|objets envoyés|courrier envoyé|enviados|"
    "elementos enviados|mensajes enviados|itens enviados|mensagens enviadas|correo enviado|inviata|"
    "posta inviata|elementi inviati|inviati|verzonden|verzonden items|verzonden berichten|skickat|"
    "skickade objekt|sendt|sendte elementer|sendt post|lähetetyt|lähetetyt kohteet|wysłane|elementy wysłane|"
    "odeslaná pošta|odeslané|odoslaná pošta|odoslané|elküldött|elküldött elemek|trimise|elemente trimise|"
    "išsiųsti|išsiųsta|išsiųsti laiškai|išsiųsti elementai|nosūtītie|nosūtītās|nosūtītie vienumi|saadetud|"
    "saadetud kirjad|poslano|poslane stavke|изпратени|отправленные|надіслані|απεσταλμένα|gönderilmiş öğeler|"
    "gönderilenler|נשלח|المرسلة|送信済み|送信済みアイテム|送信済みメール|已发送|已发送邮件|寄件備份|已傳送的郵件|"
    "보낸편지함|보낸 편지함",
    "drafts": "drafts|draft|entwürfe|brouillons|borradores|rascunhos|bozze|concepten|utkast|kladder|"
    "luonnokset|szkice|wersje robocze|koncepty|rozepsané|piszkozatok|ciorne|juodraščiai|melnraksti|mustandid|"
    "osnutki|skice|чернови|черновики|чернетки|πρόχειρα|taslaklar|下書き|草稿|草稿箱|임시보관함",
    "junk": "junk|spam|junk e-mail|junk email|bulk mail|spamverdacht|junk-e-mail|courrier indésirable|"
    "indésirables|pourriel|correo no deseado|no deseado|lixo eletrônico|lixo eletrónico|posta indesiderata|"
    "ongewenste e-mail|skräppost|søppelpost|uønsket e-mail|uønsket post|roskaposti|wiadomości-śmieci|"
    "nevyžádaná pošta|nevyžiadaná pošta|levélszemét|brukalas|šlamštas|brukalai|mēstules|rämpspost|neželena pošta|"
    "спам|нежелательная почта|небажана пошта|ανεπιθύμητη αλληλογραφία|önemsiz e-posta|迷惑メール|垃圾邮件|垃圾郵件|"
    "스팸메일함",
    "trash": "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente|"
    "gelöschte objekte|corbeille|éléments supprimés|messages supprimés|papelera|elementos eliminados|lixeira|"
    "itens excluídos|itens eliminados|cestino|posta eliminata|eliminati|prullenbak|verwijderde items|papperskorgen|"
    "borttaget|slettet|slettede elementer|slettet post|papirkurv|roskakori|poistetut|kosz|elementy usunięte|koš|"
    "odstraněná pošta|odstránené|kôš|törölt elemek|kuka|lomtár|coș de gunoi|elemente șterse|šiukšlinė|šiukšliadėžė|"
    "ištrinti|ištrinti elementai|miskaste|dzēstie|kustutatud|prügikast|izbrisano|smetnjak|кошче|корзина|"
    "удаленные|удалённые|кошик|видалені|διαγραμμένα|silinmiş öğeler|çöp kutusu|ごみ箱|削除済みアイテム|已删除|"
    "已删除邮件|垃圾桶|휴지통|지운편지함",
    "archive": "archive|archives|archiv|archivo|arquivo|arquivo morto|archivio|archief|arkiv|arkisto|"
    "archiwum|archív|archívum|arhivă|archyvas|arhīvs|arhiiv|arhiv|архив|архів|αρχείο|arşiv|アーカイブ|归档|存档|封存|"
    "보관함",
}  # fmt: skip
_ROLES: dict[str, FolderRole] = {name: role for role, names in _NAMES.items() for name in names.split("|")}


def list_folders(wire: Wire, capabilities: Iterable[str]) -> list[Folder]:
    """All folders, parents before children, the inbox first."""
    command = b'LIST "" "*"'
    # RFC 6154 §2: without being asked for them a server may leave the attributes out.
    if {"SPECIAL-USE", "LIST-EXTENDED"} <= set(capabilities):
        command += b" RETURN (SPECIAL-USE)"
    responses, completion = wire.run(command)
    if not completion.is_ok:
        raise FolderUnreadable(server_text=completion.text)
    found = {listed.remote_id: listed for listed in map(_folder, responses) if listed}
    folders = _with_guessed_roles(list(found.values()))
    if not folders:
        raise ProtocolError("a mailbox without a single folder")
    return sorted(folders, key=lambda f: (f.path[0].upper() != "INBOX", [part.casefold() for part in f.path]))


def remote_id(name: bytes) -> str:
    """A mailbox name as text that gives the name back, byte for byte; INBOX in any spelling is one (RFC 3501 §5.1)."""
    return "INBOX" if name.upper() == b"INBOX" else name.decode("latin-1")


def raw_name(folder: str) -> bytes:
    """The inverse of :func:`remote_id`; raises ValueError for what was none."""
    return folder.encode("latin-1")


def listed_names(responses: Iterable[Response]) -> dict[str, bool]:
    """Remote id → whether it exists, of the LIST responses among these."""
    found = {}
    for response in responses:
        parsed = _listed(response)
        if parsed is not None:
            attributes, _, name = parsed
            found[remote_id(name)] = b"\\NONEXISTENT" not in attributes
    return found


def _listed(response: Response) -> tuple[set[bytes], bytes, bytes] | None:
    """Attributes, delimiter and name of a LIST response; None for any other and for what breaks the syntax."""
    if response.text[:5].upper() != b"LIST ":
        return None
    items = response.items()
    if items is None or len(items) < 4:
        return None
    attributes, delimiter, name = items[1:4]
    # A folder named NIL, sent without quotes.
    name = b"NIL" if name is None else name
    if not isinstance(attributes, list) or not isinstance(name, bytes) or not name:
        return None
    if len(name) > _LONGEST_NAME or any(byte in b"\r\n\0" for byte in name):
        return None
    marks = {attribute.upper() for attribute in attributes if isinstance(attribute, bytes)}
    return marks, delimiter if isinstance(delimiter, bytes) else b"", name


def _folder(response: Response) -> Folder | None:
    parsed = _listed(response)
    if parsed is None:
        return None
    attributes, delimiter, name = parsed
    pieces = name.split(delimiter) if delimiter else [name]
    path = tuple(mailbox_name(piece) for piece in pieces if piece)
    identifier = remote_id(name)
    roles: list[FolderRole] = [_ATTRIBUTES[mark] for mark in sorted(attributes & set(_ATTRIBUTES))]
    return Folder(
        remote_id=identifier,
        path=path or (mailbox_name(name),),
        role="inbox" if identifier == "INBOX" else roles[0] if roles else "",
        selectable=not attributes & {b"\\NOSELECT", b"\\NONEXISTENT"},
    )


def _with_guessed_roles(folders: list[Folder]) -> list[Folder]:
    """Roles by name for those that no folder is marked with, at the top or right below the inbox or [Gmail]."""
    marked = {folder.role for folder in folders}
    return [
        Folder(folder.remote_id, folder.path, guess, folder.selectable)
        if not folder.role and (guess := _guessed(folder.path)) and guess not in marked
        else folder
        for folder in folders
    ]


def _guessed(path: tuple[str, ...]) -> FolderRole:
    if len(path) == 1 or (len(path) == 2 and path[0].lower() in ("inbox", "[gmail]", "[google mail]")):
        return _ROLES.get(path[-1].lower(), "")
    return ""
