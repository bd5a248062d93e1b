/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useChildRef, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { DocumentFrame } from "./document_frame";
import { explainError } from "./explain_error";

/** A letter as its sender laid it out; its document comes whole from the server, with its own content security policy. */
export class LetterFrame extends Component {
    static template = "crm_mail_sync.LetterFrame";
    static components = { DocumentFrame };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.frame = useChildRef();
        this.keepLast = new KeepLast();
        this.state = useState({
            document: "",
            documentId: 0,
            hasRemoteImages: false,
            showsImages: false,
            isLoading: false,
            error: "",
        });
        onWillStart(() => {
            this.load(this.letterId, false);
        });
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.letterId) {
                // Consent is for one letter.
                this.state.document = "";
                this.load(record.resId, false);
            }
        });
    }

    get letterId() {
        return this.props.record.resId;
    }

    get title() {
        return _t("Letter: %(subject)s", { subject: this.props.record.data.display_name || "" });
    }

    async load(letterId, showImages) {
        Object.assign(this.state, { isLoading: true, error: "" });
        try {
            const letter = await this.keepLast.add(
                this.orm.call("crm.mail.email", "get_letter_frame", [[letterId]], { show_images: showImages })
            );
            Object.assign(this.state, {
                document: letter.document,
                documentId: this.state.documentId + 1,
                hasRemoteImages: letter.has_remote_images,
                showsImages: showImages,
            });
        } catch (error) {
            this.state.error = explainError(error);
        } finally {
            this.state.isLoading = false;
        }
    }

    onRetry() {
        this.load(this.letterId, this.state.showsImages);
    }

    async onShowImages() {
        await this.load(this.letterId, true);
        // The button that was pressed is gone.
        this.frame.el?.focus();
    }
}

registry.category("view_widgets").add("crm_mail_letter", {
    component: LetterFrame,
    fieldDependencies: [{ name: "display_name", type: "char" }],
});
