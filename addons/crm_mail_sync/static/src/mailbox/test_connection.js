/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The button "Test connection" and what came of it.
 *
 * A widget and not a plain button, because in a dialog a plain one closes the dialog, and a slow server
 * would leave its user without a word for half a minute.
 */
export class TestConnection extends Component {
    static template = "crm_mail_sync.TestConnection";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ isBusy: false, isFresh: false });
    }

    get isTested() {
        return this.props.record.data.is_tested;
    }

    get message() {
        return this.props.record.data.test_message;
    }

    /** An old test proves little once the mailbox is in use. */
    get hasJustPassed() {
        return this.isTested && (this.state.isFresh || this.props.record.data.state === "draft");
    }

    async onClick() {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            if (await record.save()) {
                await this.orm.call(record.resModel, "action_test_connection", [[record.resId]]);
                await record.load();
                this.state.isFresh = true;
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("view_widgets").add("mail_sync_test_connection", {
    component: TestConnection,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "is_tested", type: "boolean" },
        { name: "test_message", type: "char" },
    ],
});
