# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an exclude rule does, in words, before it is saved."""


def meaning(env, rule, user):
    """What a rule (``mailsync.rules.Rule``) does, in whose mailboxes; it says what ``Rules.excluding`` does.

    :param user: whose rule it is, none for the company's
    """
    if not user:
        where = env._("It holds for all mailboxes of the company.")
    elif user == env.user:
        where = env._("It holds for your own mailboxes only.")
    else:
        where = env._("It holds for the mailboxes of %(user)s only.", user=user.name)
    return f"{_effect(env, rule)} {where}"


def _effect(env, rule):
    if rule.kind == "folder":
        return env._(
            "Emails in directories named “%(value)s”, and in those below them, will not be archived.", value=rule.value
        )
    if rule.kind == "header":
        return _of_header(env, rule)
    people = _people(env, rule)
    if rule.reach == "anybody":
        return env._(
            "Emails in which %(people)s takes part, as sender or as recipient, will not be archived, "
            "whoever else takes part in them.",
            people=people,
        )
    return env._(
        "Emails that %(people)s sends will not be archived, nor will emails with nobody else from outside. "
        "Emails to others from outside as well, which %(people)s has not sent, stay.",
        people=people,
    )


def _people(env, rule):
    if rule.kind == "domain":
        return env._("somebody at %(domain)s", domain=rule.value)
    if rule.kind == "pattern":
        return env._("somebody with an address like %(pattern)s", pattern=rule.value)
    return rule.value


def _of_header(env, rule):
    if rule.field == "list_id" and not rule.value:
        return env._("Emails of mailing lists, which have a List-Id, will not be archived.")
    if rule.field == "auto_submitted" and not rule.value:
        return env._("Automatic emails, such as out-of-office replies and reports, will not be archived.")
    return env._(
        "Emails with “%(value)s” in the field %(field)s will not be archived, in capitals or not.",
        value=rule.value,
        field=dict(header_fields(env))[rule.field],
    )


def header_fields(env):
    """The header fields that a rule can look at, and their names."""
    return [
        ("subject", env._("Subject")),
        ("from", env._("From")),
        ("sender", env._("Sender")),
        ("reply_to", env._("Reply-To")),
        ("to", env._("To")),
        ("cc", env._("Cc")),
        ("bcc", env._("Bcc")),
        ("list_id", env._("List-Id (mailing lists)")),
        ("auto_submitted", env._("Auto-Submitted (automatic mail)")),
    ]
