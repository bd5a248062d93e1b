/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "crm.mail.trace";
// Milliseconds between two questions after a message that is being filed.
const POLL = 1000;
const STATE_TONES = { kept: "success", pending: "info", skipped: "warning", failed: "danger", gone: "danger" };

/** What tells one hit from another. */
function keyOf(hit) {
    return hit && `${hit.email_id || ""}/${hit.copy_ids}/${hit.remote_id || ""}`;
}

/** Finds a letter, tells what became of it, and files it. */
export class WhereIsMyLetter extends Component {
    static template = "crm_mail_sync.WhereIsMyLetter";
    static components = { Layout, MultiRecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.input = useAutofocus({ refName: "text" });
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({
            text: "",
            day: "",
            asked: "",
            hits: null,
            mailboxes: [],
            targetModels: [],
            showsPlaces: false,
            chosen: null,
            trail: null,
            targets: {},
            filing: null,
            server: {},
        });
        onWillStart(async () => {
            const { mailboxes, target_models } = await this.call("find", [""]);
            Object.assign(this.state, { mailboxes, targetModels: target_models });
        });
        onWillDestroy(() => clearTimeout(this.timer));
    }

    call(method, args) {
        return this.keepLast.add(this.orm.call(MODEL, method, args));
    }

    tone(state) {
        return STATE_TONES[state] || "secondary";
    }

    // Finding

    async find() {
        const text = this.state.text.trim();
        if (!text) {
            return;
        }
        const { hits, mailboxes } = await this.call("find", [text, this.state.day || false]);
        this.choose(null);
        Object.assign(this.state, { asked: text, hits, mailboxes, server: {}, showsPlaces: !hits.length });
        if (hits.length === 1) {
            await this.open(hits[0]);
        }
    }

    choose(hit) {
        clearTimeout(this.timer);
        Object.assign(this.state, { chosen: hit, trail: null, targets: {}, filing: null });
    }

    async open(hit) {
        this.choose(hit);
        const trail = await this.call("trail", [hit.email_id, hit.copy_ids]);
        if (this.isChosen(hit)) {
            this.state.trail = trail;
        }
    }

    isChosen(hit) {
        return keyOf(this.state.chosen) === keyOf(hit);
    }

    openLetter(emailId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.mail.email",
            res_id: emailId,
            views: [[false, "form"]],
        });
    }

    // Where was looked

    picked(mailbox) {
        return mailbox.folders.filter((folder) => folder.selected);
    }

    unpicked(mailbox) {
        return mailbox.folders.filter((folder) => !folder.selected && folder.can_pick);
    }

    async pick(folder) {
        const { text, tone } = await this.orm.call(MODEL, "pick", [folder.id]);
        folder.selected = true;
        this.notification.add(text, { type: tone });
    }

    async askServer(mailbox) {
        this.state.server[mailbox.id] = { isAsking: true, hits: [], error: "" };
        try {
            const question = [mailbox.id, this.state.asked, this.state.day || false];
            const answer = await this.orm.call(MODEL, "ask_server", question);
            this.state.server[mailbox.id] = { isAsking: false, ...answer };
        } catch (error) {
            delete this.state.server[mailbox.id];
            throw error;
        }
    }

    openFound(mailbox, hit) {
        this.choose({ ...hit, mailbox, copy_ids: hit.copy_id ? [hit.copy_id] : [], isFound: true });
        if (hit.copy_id) {
            return this.open(this.state.chosen);
        }
    }

    // Filing

    get canFile() {
        const { chosen, trail, filing } = this.state;
        return !filing && (chosen?.isFound && !trail ? chosen.can_file : trail?.can_file);
    }

    setTargets(model, ids) {
        this.state.targets[model] = ids;
    }

    async file() {
        const { chosen, targets } = this.state;
        const found = chosen.isFound && !chosen.copy_ids.length;
        this.state.filing = { is_done: false, tone: "info", text: _t("It is being fetched …") };
        try {
            this.state.filing = found
                ? await this.call("file_found", [chosen.mailbox.id, chosen.folder_id, chosen.remote_id, targets])
                : await this.call("file_now", [chosen.copy_ids, targets]);
        } catch (error) {
            this.state.filing = null;
            throw error;
        }
        await this.follow();
    }

    /** Ask after it until it is filed, or cannot be. */
    async follow() {
        const { filing } = this.state;
        if (filing.is_done) {
            return this.showOutcome(filing);
        }
        this.timer = setTimeout(async () => {
            const outcome = await this.orm.silent.call(MODEL, "filing", [filing.copy_id]);
            if (this.state.filing?.copy_id === outcome.copy_id) {
                this.state.filing = outcome;
                await this.follow();
            }
        }, POLL);
    }

    /** What was told of the message before it was filed is history by now. */
    async showOutcome(filing) {
        const { chosen, hits } = this.state;
        const told = { email_id: filing.email_id, state: filing.state, label: filing.label };
        const listed = hits.find((hit) => hit.copy_ids.includes(filing.copy_id));
        for (const hit of [listed, chosen]) {
            hit && Object.assign(hit, told);
        }
        const copyIds = chosen.copy_ids.length ? [...chosen.copy_ids] : [filing.copy_id];
        chosen.copy_ids = copyIds;
        const trail = await this.call("trail", [filing.email_id, copyIds]);
        if (this.state.filing?.copy_id === filing.copy_id) {
            this.state.trail = { ...trail, can_file: false };
        }
    }
}

registry.category("actions").add("crm_mail_sync.where_is_my_letter", WhereIsMyLetter);
