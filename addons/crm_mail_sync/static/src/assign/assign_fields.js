/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { targets } from "@crm_mail_sync/targets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Records that letters may belong to, each with the reason; a press chooses it, another takes it back. */
export class CandidatesField extends Component {
    static template = "crm_mail_sync.CandidatesField";
    static props = { ...standardFieldProps };

    get candidates() {
        const { data } = this.props.record;
        return (data[this.props.name] || [])
            .filter(({ field }) => data[field])
            .map((candidate) => ({
                ...candidate,
                key: `${candidate.model},${candidate.id}`,
                icon: targets.icons[candidate.model],
                isChosen: data[candidate.field].currentIds.includes(candidate.id),
            }));
    }

    toggle({ field, id, isChosen }) {
        this.props.record.data[field].addAndRemove(isChosen ? { remove: [id] } : { add: [id] });
    }
}

registry.category("fields").add("crm_mail_candidates", {
    component: CandidatesField,
    supportedTypes: ["json"],
});

/** How far an assignment reaches, with the numbers of letters that it is about. */
export class ScopeField extends Component {
    static template = "crm_mail_sync.ScopeField";
    static props = { ...standardFieldProps };

    get scopes() {
        return (this.props.record.data.scopes || []).map((scope) => ({ ...scope, counts: this.counts(scope) }));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get isLearned() {
        return this.scopes.some(({ value, isLearned }) => value === this.value && isLearned);
    }

    counts({ letters, waiting, isLearned }) {
        if (!isLearned) {
            return "";
        }
        const archived = letters === "1" ? _t("1 email") : _t("%(count)s emails", { count: letters });
        return waiting === "0" ? archived : _t("%(archived)s, %(count)s to fetch", { archived, count: waiting });
    }

    choose(value) {
        this.props.record.update({ [this.props.name]: value });
    }
}

registry.category("fields").add("crm_mail_scope", {
    component: ScopeField,
    supportedTypes: ["selection"],
});
