/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// Above, the letter scrolls within its frame.
const MAX_HEIGHT = 30000;
const SCROLLBAR = 18;

/**
 * A letter as its sender laid it out.
 *
 * The document comes whole from the server, with its own content security policy, and is shown in a frame
 * without scripts and forms. The frame keeps our origin, which is why its height can follow its content and
 * why the letter's own images come with the user's session.
 */
export class LetterFrame extends Component {
    static template = "crm_mail_sync.LetterFrame";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.frame = useRef("frame");
        this.keepLast = new KeepLast();
        this.state = useState({
            document: "",
            documentId: 0,
            hasRemoteImages: false,
            showsImages: false,
            isLoading: false,
            error: "",
            height: 0,
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
        useEffect(
            (frame) => frame && this.followHeight(frame),
            () => [this.frame.el, this.state.documentId]
        );
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
            this.state.error = this.explain(error);
        } finally {
            this.state.isLoading = false;
        }
    }

    explain(error) {
        if (error instanceof RPCError) {
            return error.data?.message || error.message;
        }
        if (error instanceof ConnectionLostError) {
            return _t("The server could not be reached.");
        }
        throw error;
    }

    onRetry() {
        this.load(this.letterId, this.state.showsImages);
    }

    async onShowImages() {
        await this.load(this.letterId, true);
        // The button that was pressed is gone.
        this.frame.el?.focus();
    }

    /** As soon as the document is there, images or not, and for as long as it is shown. */
    followHeight(frame) {
        let request;
        const observer = new ResizeObserver(() => this.measure(frame));
        const start = () => {
            const shown = frame.contentDocument;
            if (shown?.URL === "about:srcdoc" && shown.body && shown.readyState !== "loading") {
                observer.observe(shown.body);
            } else {
                request = requestAnimationFrame(start);
            }
        };
        start();
        return () => {
            cancelAnimationFrame(request);
            observer.disconnect();
        };
    }

    measure(frame) {
        const { body, documentElement } = frame.contentDocument;
        const isWide = documentElement.scrollWidth > documentElement.clientWidth;
        const height = Math.max(documentElement.offsetHeight, body.scrollHeight) + (isWide ? SCROLLBAR : 0);
        this.state.height = Math.min(height, MAX_HEIGHT);
    }
}

registry.category("view_widgets").add("crm_mail_letter", {
    component: LetterFrame,
    fieldDependencies: [{ name: "display_name", type: "char" }],
});
