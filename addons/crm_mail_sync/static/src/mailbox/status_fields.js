/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { progressDependencies, timeLeft, useMailboxProgress } from "./progress_hook";

const LEVELS = {
    draft: "secondary",
    importing: "info",
    up_to_date: "success",
    waiting: "warning",
    sign_in: "danger",
    partly_failed: "warning",
    paused: "secondary",
};
const ICONS = {
    draft: "fa-plug",
    importing: "fa-refresh fa-spin",
    up_to_date: "fa-check-circle",
    waiting: "fa-clock-o",
    sign_in: "fa-key",
    partly_failed: "fa-exclamation-triangle",
    paused: "fa-pause-circle",
};

/** A bar with "n of m" and the time left, for whichever field shows a mailbox's scan. */
class MailboxProgress extends Component {
    static props = {
        ...standardFieldProps,
    };

    setup() {
        this.live = useMailboxProgress(() => this.props.record, { onEnded: () => this.onEnded() });
    }

    /** What the scan changed is shown, unless that would drop what somebody is typing. */
    async onEnded() {
        const root = this.props.record.model.root;
        if (!(await root.isDirty?.())) {
            await root.load();
        }
    }

    get level() {
        return LEVELS[this.live.state];
    }

    get icon() {
        return ICONS[this.live.state];
    }

    get isImporting() {
        return this.live.state === "importing" && this.live.total > 0;
    }

    get percentage() {
        return Math.min(100, Math.floor((100 * this.live.done) / this.live.total));
    }

    get progressText() {
        const done = formatInteger(this.live.done);
        return _t("%(done)s of %(total)s", { done, total: formatInteger(this.live.total) });
    }

    get timeLeft() {
        return timeLeft(this.live.secondsLeft);
    }
}

/** The mailbox's state as a sentence across its form. */
export class StatusField extends MailboxProgress {
    static template = "crm_mail_sync.StatusField";

    get text() {
        if (this.isImporting) {
            return _t("Importing: %s messages.", this.progressText);
        }
        return this.props.record.data[this.props.name];
    }
}

/** The mailbox's state as a badge in a list. */
export class StateField extends MailboxProgress {
    static template = "crm_mail_sync.StateField";

    get label() {
        const options = this.props.record.fields[this.props.name].selection;
        return options.find(([value]) => value === this.live.state)?.[1];
    }
}

registry.category("fields").add("mail_sync_status", {
    component: StatusField,
    displayName: _t("Status of a mailbox"),
    supportedTypes: ["char"],
    fieldDependencies: progressDependencies,
});
registry.category("fields").add("mail_sync_state", {
    component: StateField,
    displayName: _t("State of a mailbox"),
    supportedTypes: ["selection"],
    fieldDependencies: progressDependencies,
});
