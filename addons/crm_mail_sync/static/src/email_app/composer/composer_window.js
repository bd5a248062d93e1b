/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { Component, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { BodyEditor } from "./body_editor";
import { FileList } from "./file_list";
import { missingText } from "./missing";
import { RecipientsField } from "./recipients_field";
import { TemplateMenu } from "./template_menu";
import { useUploads } from "./uploads_hook";

/** One letter that is being written. */
export class ComposerWindow extends Component {
    static template = "crm_mail_sync.ComposerWindow";
    static components = { BodyEditor, FileList, RecipientsField, TemplateMenu };
    static props = {
        letter: Object,
        store: Object,
        isMinimised: Boolean,
        isFull: Boolean,
    };

    setup() {
        this.letter = useState(this.props.letter);
        this.store = useState(this.props.store);
        this.dialog = useService("dialog");
        this.root = useRef("root");
        this.fileInput = useRef("fileInput");
        this.uploads = useUploads(this.letter);
        this.state = useState({
            showsCc: this.letter.cc.length > 0,
            showsBcc: this.letter.bcc.length > 0,
        });
        // Whoever answers knows to whom.
        this.startsInBody = this.letter.to.length > 0;
        useDropzone(this.root, (ev) => this.attach(ev.dataTransfer.files), "o-crm-mail-dropzone");
    }

    get ids() {
        const { id } = this.letter;
        return { title: `crm_mail_title_${id}`, to: `crm_mail_to_${id}`, cc: `crm_mail_cc_${id}`, bcc: `crm_mail_bcc_${id}` };
    }

    get targetNames() {
        return this.letter.targets.map((target) => target.name).join(", ");
    }

    get enlargeTitle() {
        return this.props.isFull ? _t("Smaller") : _t("Full screen");
    }

    async attach(files) {
        await this.uploads.add(files);
    }

    chooseFiles() {
        this.fileInput.el.click();
    }

    async onFilesChosen(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        await this.attach(files);
    }

    /** Pictures go into the text, by the editor; all else is attached. */
    onPaste(ev) {
        const files = [...(ev.clipboardData?.files || [])];
        if (files.length && !files.every((file) => file.type.startsWith("image/"))) {
            ev.preventDefault();
            ev.stopPropagation();
            this.attach(files);
        }
    }

    /** The quote becomes text of the letter, to be answered line by line. */
    showQuote() {
        const { quote } = this.letter;
        this.letter.set("quote", "");
        this.editor.append(quote);
        this.letter.note("body");
    }

    async useTemplate(template) {
        try {
            const body = await this.letter.useTemplate(template);
            if (body) {
                this.editor.insert(body);
                this.letter.note("body");
            }
        } catch (error) {
            this.letter.error = explainError(error);
        }
    }

    send() {
        const missing = missingText(this.letter, this.editor.text, this.uploads.count);
        if (!missing) {
            return this.store.send(this.letter);
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Send it like this?"),
            body: missing,
            confirmLabel: _t("Send"),
            confirm: () => this.store.send(this.letter),
            cancelLabel: _t("Go on writing"),
            cancel: () => {},
        });
    }

    discard() {
        if (!this.letter.isEdited && !this.letter.isKept) {
            return this.store.discard(this.letter);
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard this draft?"),
            body: _t("It is removed here and in your mailbox."),
            confirmLabel: _t("Discard"),
            confirmClass: "btn-danger",
            confirm: () => this.store.discard(this.letter),
            cancelLabel: _t("Keep"),
            cancel: () => {},
        });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            ev.stopPropagation();
            this.send();
        } else if (ev.key === "Escape" && !ev.defaultPrevented && !this.isSomethingOpen()) {
            ev.preventDefault();
            ev.stopPropagation();
            this.store.close(this.letter);
        }
    }

    /** A list of suggestions or a menu, which Escape closes first. */
    isSomethingOpen() {
        return Boolean(
            this.root.el.querySelector(".o-autocomplete--dropdown-menu") ||
                document.querySelector(".o-overlay-item .o-we-powerbox, .o-overlay-item .o-dropdown--menu, .modal.show")
        );
    }
}
