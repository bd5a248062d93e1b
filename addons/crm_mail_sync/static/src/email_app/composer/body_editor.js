/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { MAIN_PLUGINS } from "@html_editor/plugin_sets";
import { parseHTML } from "@html_editor/utils/html";
import { Wysiwyg } from "@html_editor/wysiwyg";
import { Component, markup } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

// What no mail program would show as it looks here.
const UNFIT = new Set(["banner", "column", "star", "chatgpt_translate", "imageCrop", "icon", "iconColor", "mediaUrlPaste"]);
const PLUGINS = MAIN_PLUGINS.filter((plugin) => !UNFIT.has(plugin.id));

/** What is written, in Odoo's own editor. */
export class BodyEditor extends Component {
    static template = "crm_mail_sync.BodyEditor";
    static components = { Wysiwyg };
    static props = {
        letter: Object,
        autofocus: Boolean,
        onReady: Function,
    };

    setup() {
        const { letter } = this.props;
        this.config = {
            // From the server, where it was cleaned.
            content: markup(letter.body),
            placeholder: _t("Write here, or type / for more"),
            Plugins: PLUGINS,
            baseContainers: ["P", "DIV"],
            dropImageAsAttachment: false,
            allowVideo: false,
            onChange: () => letter.note("body"),
            onEditorReady: () => this.onReady(),
        };
        letter.readBody = () => this.editor.getContent();
    }

    onReady() {
        this.editor.editable.addEventListener("focusin", () => (this.wasEntered = true), { once: true });
        if (this.props.autofocus) {
            this.editor.shared.selection.setCursorStart(this.editor.editable.firstElementChild);
            this.editor.shared.selection.focusEditable();
        }
        this.props.onReady(this);
    }

    /** Put HTML of the server where the cursor was last, or at the beginning: behind what is written there. */
    insert(html) {
        const { selection, history } = this.editor.shared;
        const content = parseHTML(this.editor.document, html);
        const last = content.lastElementChild;
        const paragraph = this.paragraph;
        if (paragraph.textContent.trim() || paragraph.querySelector?.("img")) {
            paragraph.after(content);
        } else {
            paragraph.replaceWith(content);
        }
        if (last) {
            selection.setCursorEnd(last);
        }
        history.addStep();
    }

    get paragraph() {
        const { editable, shared } = this.editor;
        let node = this.wasEntered ? shared.selection.getEditableSelection().anchorNode : editable;
        while (node !== editable && node.parentElement !== editable) {
            node = node.parentElement;
        }
        return node === editable ? editable.firstElementChild : node;
    }

    /** Put HTML of the server below all that is written. */
    append(html) {
        this.editor.editable.append(parseHTML(this.editor.document, html));
        this.editor.shared.history.addStep();
    }

    get text() {
        return this.editor.editable.innerText;
    }
}
