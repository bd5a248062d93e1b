# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters of every level, for every kind of user: which parts of a letter each may get to know, and by which words."""

from .access_case import ROLES, SALES, AccessWorld

# Parts of a letter; "happened" is date, direction, whose mailbox and what it is linked to.
PARTS = ("happened", "subject", "people", "count", "body", "file")
EVENT = frozenset({"happened"})
HEAD = EVENT | {"subject", "people", "count"}
ALL = frozenset(PARTS)
NOTHING = frozenset()

# What colleagues see of a letter of each level. This is the table of docs/access.md.
SHOWN = {
    "everything": ALL,
    "subject": HEAD,
    "event": EVENT,
    "private": NOTHING,
    # In a mailbox that shows everything, but made private by its owner.
    "marked": NOTHING,
}
LEVELS = tuple(SHOWN)


def shown(level, role):
    """The parts that a letter of this level shows to this kind of user."""
    if role == "owner":
        return ALL
    return SHOWN[level] if role in SALES else NOTHING


def word_of(level, part):
    """The word that only this part of this letter holds."""
    return f"zq{level}{part}qz"


def count_of(level):
    """A number of files that no other letter has."""
    return 41 + LEVELS.index(level)


class LevelWorld(AccessWorld):
    """Mixin: ``letters`` by level, linked to ``company``; their one owner has no sales rights."""

    @classmethod
    def _make_letters(cls):
        cls.letters = {level: cls._make_level(level) for level in LEVELS}
        cls.letters["marked"].with_user(cls.users["owner"]).action_make_private()
        cls.env.invalidate_all()

    @classmethod
    def _make_level(cls, level):
        def word(part):
            return word_of(level, part)

        letter = cls.make_letter(
            [cls.company],
            html=f"<p>{word('body')}</p>",
            owners=cls.users["owner"],
            company_id=cls.env.company.id,
            subject=f"About {word('subject')}",
            email_from=f"{word('people')}@from.example",
            recipients=f"{word('people')}@to.example",
            message_id=f"{word('people')}@id.example",
            visibility="everything" if level == "marked" else level,
            files=[{"name": f"{word('file')}.txt", "raw": word("file").encode(), "mimetype": "text/plain"}],
        )
        letter.participant_ids[:1].write(
            {"address": f"{word('people')}@from.example", "name": word("people"), "domain": word("people")}
        )
        letter.head_ids.file_count = count_of(level)
        return letter

    @classmethod
    def _make_mailboxes(cls):
        cls.mailboxes = {}

    def told(self, level, answer):
        """The parts of the letter of which the answer tells."""
        answer = str(answer)
        return {part for part in ("subject", "people", "body", "file") if word_of(level, part) in answer}

    def hold(self, way, carries, ask):
        """A test a cell: what this way tells of each letter to each kind of user is what the table says.

        :param carries: the parts that this way can tell
        :param ask: function of role, level and letter that gives the parts which were told
        """
        for role in ROLES:
            for level, letter in self.letters.items():
                with self.subTest(way=way, role=role, level=level):
                    self.assertEqual(set(ask(role, level, letter)), set(shown(level, role) & carries))
