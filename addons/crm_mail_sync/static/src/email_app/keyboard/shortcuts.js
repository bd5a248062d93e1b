/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

/**
 * The keys of the app, as they are told and as they work; those of Gmail, which most people's fingers know.
 *
 * A key is what the event says, with "Shift+" before letters; two keys after each other are parted by a space.
 * As long as a key is held down, only moving goes on.
 */
export const SHORTCUTS = [
    {
        title: _t("Moving"),
        entries: [
            {
                keys: ["j", "ArrowDown"],
                label: _t("Older conversation"),
                isRepeated: true,
                run: ({ step }) => step(1),
            },
            {
                keys: ["k", "ArrowUp"],
                label: _t("Newer conversation"),
                isRepeated: true,
                run: ({ step }) => step(-1),
            },
            { keys: ["o", "Enter"], label: _t("Open"), run: ({ open }) => open() },
            { keys: ["u"], label: _t("Back to the list"), run: ({ email }) => email.closeLetter() },
            { keys: ["/"], label: _t("Search"), run: ({ focusSearch }) => focusSearch() },
            { keys: ["g i"], label: _t("Go to the inbox"), run: ({ go }) => go("inbox") },
            { keys: ["g s"], label: _t("Go to what has a star"), run: ({ email }) => email.openFolder("flagged") },
            { keys: ["g t"], label: _t("Go to what was sent"), run: ({ go }) => go("sent") },
            { keys: ["g d"], label: _t("Go to the drafts"), run: ({ go }) => go("drafts") },
            { keys: ["g a"], label: _t("Go to everything"), run: ({ email }) => email.openFolder("all") },
        ],
    },
    {
        title: _t("Choosing"),
        entries: [
            { keys: ["x"], label: _t("Select the conversation"), run: ({ select }) => select() },
            { keys: ["* a"], label: _t("Select all that are listed"), run: ({ email }) => email.list.selectAll() },
            { keys: ["* n"], label: _t("Select none"), run: ({ email }) => email.list.unselect() },
            { keys: ["Escape"], label: _t("Select none, then close"), run: ({ escape }) => escape() },
        ],
    },
    {
        title: _t("Doing"),
        entries: [
            { keys: ["e"], label: _t("Archive"), command: "archive" },
            { keys: ["#", "Delete"], label: _t("Delete"), command: "delete" },
            { keys: ["!"], label: _t("Spam"), command: "spam" },
            { keys: ["v"], label: _t("Move to a folder"), command: "move" },
            { keys: ["s"], label: _t("Star, or not"), run: ({ star }) => star() },
            { keys: ["Shift+i"], label: _t("Mark as read"), command: "read" },
            { keys: ["Shift+u"], label: _t("Mark as unread"), command: "unread" },
            { keys: ["z"], label: _t("Undo"), run: ({ email }) => email.acting.undo() },
        ],
    },
    {
        title: _t("Writing"),
        entries: [
            { keys: ["c"], label: _t("New email"), run: ({ write }) => write() },
            { keys: ["r"], label: _t("Reply"), run: ({ answer }) => answer("reply") },
            { keys: ["a"], label: _t("Reply all"), run: ({ answer }) => answer("reply_all") },
            { keys: ["f"], label: _t("Forward"), run: ({ answer }) => answer("forward") },
            { keys: ["?"], label: _t("This overview"), run: ({ openHelp }) => openHelp() },
        ],
    },
];

export const BINDINGS = new Map(
    SHORTCUTS.flatMap(({ entries }) => entries.flatMap((entry) => entry.keys.map((key) => [key, entry])))
);
