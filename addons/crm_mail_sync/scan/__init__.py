# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way of a message from a provider into the archive.

runner    takes due mailboxes one after the other, under a lease, and turns errors into states
session   one scan of one mailbox: folder by folder, page by page
lister    provider's page → copies and cursor, one commit
presence  what a page tells of known copies: flags, where they lie, which have left
decider   heads → keep, skip, links; one query a batch
remembered what is kept of a left out message's head → decided anew
archiver  pending copies → bytes → letters
reader    bytes → what is stored (no database)
writer    letters, content, participants, links, pointers in bulk, one commit
following letters that were linked → replies that wait again
rematcher older letters of what was entered later → links, pending copies
"""
