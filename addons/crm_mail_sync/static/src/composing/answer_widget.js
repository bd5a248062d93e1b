/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { openComposer } from "./composer_service";

/** Buttons of a letter's form. */
export class AnswerWidget extends Component {
    static template = "crm_mail_sync.AnswerWidget";
    static props = { ...standardWidgetProps };

    answer(kind) {
        openComposer(this.env, { kind, emailId: this.props.record.resId });
    }
}

registry.category("view_widgets").add("crm_mail_answer", { component: AnswerWidget });
