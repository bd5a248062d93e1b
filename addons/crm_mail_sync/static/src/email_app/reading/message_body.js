/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillStart, onWillUpdateProps, useRef } from "@odoo/owl";
import { DocumentFrame } from "@crm_mail_sync/letter/document_frame";
import { _t } from "@web/core/l10n/translation";

import { useEmail } from "../store/email_hook";
import { MessageFiles } from "./message_files";

/** What a message says and carries; remote images are shown when asked for. */
export class MessageBody extends Component {
    static template = "crm_mail_sync.MessageBody";
    static components = { DocumentFrame, MessageFiles };
    static props = { message: Object };

    setup() {
        this.email = useEmail();
        this.root = useRef("root");
        onWillStart(() => {
            this.email.reading.loadBody(this.props.message.id);
        });
        onWillUpdateProps(({ message }) => {
            this.email.reading.loadBody(message.id);
        });
    }

    get body() {
        return this.email.reading.body(this.props.message.id) || { isLoading: true };
    }

    get title() {
        return _t("Email: %(subject)s", { subject: this.email.reading.subject });
    }

    get asksForImages() {
        return this.body.has_remote_images && !this.body.shows_images;
    }

    load(showImages) {
        return this.email.reading.loadBody(this.props.message.id, showImages);
    }

    setAlways(isOn) {
        return this.email.reading.setAlwaysImages(this.props.message, isOn);
    }

    /** Keys that are pressed in the letter do as they do beside it. */
    onKeydown(ev) {
        const { key, code, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing } = ev;
        const copy = new KeyboardEvent("keydown", {
            ...{ key, code, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing },
            bubbles: true,
            cancelable: true,
        });
        if (!this.root.el.dispatchEvent(copy)) {
            ev.preventDefault();
        }
    }
}
