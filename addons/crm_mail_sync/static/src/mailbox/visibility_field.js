/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

const MEANINGS = {
    everything: _t("Subject, people, text and files"),
    subject: _t("Subject, people and date, but neither text nor files"),
    event: _t("Date, direction, your name, and the customer or lead"),
    private: _t("Nothing: only you see these emails"),
};
// From the least open to the most open one.
const ORDER = ["private", "event", "subject", "everything"];

/** What colleagues see of a mailbox: each level with what it means, those below the company's minimum greyed out. */
export class VisibilityField extends RadioField {
    static template = "crm_mail_sync.VisibilityField";

    get floor() {
        return this.props.record.data.visibility_floor || "private";
    }

    get levels() {
        return this.items.map((item) => ({
            item,
            value: item[0],
            label: item[1],
            meaning: MEANINGS[item[0]],
            isOff: this.props.readonly || ORDER.indexOf(item[0]) < ORDER.indexOf(this.floor),
        }));
    }
}

registry.category("fields").add("mail_sync_visibility", {
    ...radioField,
    component: VisibilityField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "visibility_floor", type: "selection", readonly: true }],
});
