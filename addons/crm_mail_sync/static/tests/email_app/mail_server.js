/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { waitForChannels } from "@bus/../tests/bus_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect } from "@odoo/hoot";
import { waitFor } from "@odoo/hoot-dom";
import "@crm_mail_sync/email_app/app/email_app";
import { getService, makeServerError, MockServer, mountWebClient, onRpc } from "@web/../tests/web_test_helpers";

const MODEL = "crm.mail.app.email";
const RIGHTS = { contact: true, lead: true, task: false };
const ME = { name: "Anna", address: "anna@tulips.example", is_me: true };

function folder(id, name, role = "", values = {}) {
    return { id, name, role, parent_id: false, selectable: true, unread: 0, total: 0, is_picked: true, ...values };
}

/** What stands for the server: a mailbox of messages, that answers as ``crm.mail.app.email`` does. */
export class MailServer {
    folders = [
        folder(1, "INBOX", "inbox"),
        folder(2, "Sent Items", "sent"),
        folder(3, "Papierkorb", "trash"),
        folder(4, "Kunden"),
        folder(5, "顧客", "", { parent_id: 4 }),
        folder(6, "Old", "", { is_picked: false }),
    ];
    state = {
        state: "ready",
        message: "",
        mailbox: { id: 9, name: "Anna", can_act: true, can_send: true, deletes_for_good: true },
    };
    rights = RIGHTS;
    messages = [];
    refusal = "";
    bodies = {};
    /** Drafts that lie here only. */
    left = [];
    /** Beginnings of texts that no list has told. */
    late = {};

    add(values) {
        const id = this.messages.length + 101;
        const message = {
            thread: id,
            folder_id: 1,
            from: { name: "Customer Nr. " + id, address: `c${id}@roses.example`, is_me: false },
            subject: `Order ${id}`,
            snippet: "Ten roses, please.",
            date: `2019-03-02 09:00:${String(id % 60).padStart(2, "0")}`,
            is_seen: true,
            is_flagged: false,
            ...values,
        };
        this.messages.push({ id, ...message });
        return id;
    }

    /** Newest first, ten a page. */
    conversations(folderId, query, only, after) {
        const isThere = (message) =>
            (typeof folderId === "string" || message.folder_id === folderId) &&
            (folderId !== "unread" || !message.is_seen) &&
            (only !== "unread" || !message.is_seen) &&
            message.subject.includes(query);
        const threads = Map.groupBy(this.messages.filter(isThere), ({ thread }) => thread);
        const rows = [...threads.values()].map((messages) => this.row(messages)).sort((a, b) => b.id - a.id);
        const start = after || 0;
        const end = start + 10;
        return { rows: rows.slice(start, end), after: end < rows.length ? end : null };
    }

    row(messages) {
        const newest = messages.at(-1);
        return {
            id: newest.id,
            item_ids: messages.map(({ id }) => id).reverse(),
            count: messages.length,
            unread: messages.some(({ is_seen }) => !is_seen),
            flagged: messages.some(({ is_flagged }) => is_flagged),
            answered: false,
            has_files: false,
            is_draft: false,
            people: messages.map(({ from }) => from),
            subject: newest.subject,
            snippet: newest.snippet,
            date: newest.date,
            chips: newest.chips || [],
            email_id: newest.email_id || false,
            is_archived: Boolean(newest.email_id),
            is_private: false,
            folder_id: newest.folder_id,
        };
    }

    conversation(itemId) {
        const { thread } = this.messages.find(({ id }) => id === itemId);
        const messages = this.messages.filter((message) => message.thread === thread);
        const row = this.row(messages);
        const shown = messages.map((message) => ({
            email_id: false,
            folders: [message.folder_id],
            to: [ME],
            cc: [],
            bcc: [],
            is_answered: false,
            is_draft: false,
            has_files: false,
            chips: [],
            is_private: false,
            state: "kept",
            why: "It is here because Lindqvist AB has the address.",
            size: 1,
            ...message,
        }));
        return { id: row.id, subject: row.subject, row, messages: shown };
    }

    body(itemId, showImages) {
        return {
            document: `<!DOCTYPE html><html><body><p id="which">${itemId} ${showImages}</p></body></html>`,
            has_remote_images: false,
            shows_images: showImages,
            always_images: false,
            files: [],
            error: "",
            ...this.bodies[itemId],
        };
    }

    act(action, itemIds, folderId) {
        if (this.refusal) {
            throw makeServerError({ message: this.refusal });
        }
        const target = { archive: 6, delete: 3, move: folderId }[action];
        const undo = target && { action: "move", item_ids: itemIds, folder_id: 1, from_folder_id: target };
        for (const message of this.messages.filter(({ id }) => itemIds.includes(id))) {
            message.folder_id = target || message.folder_id;
            message.is_seen = { read: true, unread: false }[action] ?? message.is_seen;
            message.is_flagged = { star: true, unstar: false }[action] ?? message.is_flagged;
        }
        return { undo: undo || null, folders: this.counted };
    }

    get counted() {
        return this.folders.map((folder) => {
            const inside = this.messages.filter(({ folder_id }) => folder_id === folder.id);
            return { ...folder, total: inside.length, unread: inside.filter(({ is_seen }) => !is_seen).length };
        });
    }

    open() {
        return { undo_seconds: 10, rights: this.rights, folders: this.counted, ...this.state };
    }

    sender(address) {
        return { name: "", address, partner: null, leads: [], letters: [], is_colleague: false };
    }

    snippets(itemIds) {
        return Object.fromEntries(itemIds.filter((id) => this.late[id]).map((id) => [id, this.late[id]]));
    }

    watch() {
        const { state, message } = this.state;
        return { is_asked: true, state, message };
    }

    archive_items(itemIds) {
        return { email_ids: {}, waiting: itemIds };
    }

    archived_items(itemIds) {
        return { email_ids: Object.fromEntries(itemIds.map((id) => [id, id + 1000])), waiting: [] };
    }

    always_images() {
        return true;
    }

    /** Changes of the other side, told as the scan tells them. */
    tell(items = [], folders = [1]) {
        const payload = { mailbox_id: 9, items, folders, more: false };
        MockServer.env["bus.bus"]._sendone("owner", "crm_mail_sync.email_app", payload);
    }
}

/** Let the server answer; calls of these methods are noted as steps. */
export function serve(server, noted = ["act"]) {
    const methods = [
        ...["open", "conversations", "conversation", "body", "act", "sender", "archive_items", "always_images"],
        ...["archived_items", "snippets", "watch"],
    ];
    for (const method of methods) {
        onRpc(MODEL, method, ({ args }) => {
            if (noted.includes(method)) {
                expect.step(`${method} ${JSON.stringify(args)}`);
            }
            return server[method](...args);
        });
    }
    onRpc(MODEL, "folders", () => server.counted);
    onRpc("crm.mail.draft", "left", () => server.left);
    onRpc("/bus/has_missed_notifications", () => false);
}

/** The app within the web client, as the menu opens it. */
export async function openApp() {
    await mountWebClient();
    const action = { type: "ir.actions.client", tag: "crm_mail_sync.email_app", path: "email", id: 77 };
    await getService("action").doAction(action);
    await waitFor(".o_email_app");
}

/** The app with the bus listened to. */
export async function openLiveApp() {
    await openApp();
    getService("bus_service").addChannel("owner");
    await waitForChannels(["owner"]);
}

export { defineMailModels };
