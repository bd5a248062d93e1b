/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useEffect, useState } from "@odoo/owl";
import { useForwardRefToParent } from "@web/core/utils/hooks";

// Above, the letter scrolls within its frame.
const MAX_HEIGHT = 30000;
const SCROLLBAR = 18;

/**
 * A letter's document in a frame without scripts and forms, as high as what it shows.
 *
 * The frame keeps our origin, which is why its height can follow its content, why the letter's own images come
 * with the user's session, and why keys that are pressed in it can be heard.
 */
export class DocumentFrame extends Component {
    static template = "crm_mail_sync.DocumentFrame";
    static props = {
        document: String,
        title: String,
        frameRef: { type: Function, optional: true },
        onKeydown: { type: Function, optional: true },
    };

    setup() {
        this.frame = useForwardRefToParent("frameRef");
        this.state = useState({ height: 0 });
        useEffect(
            (frame) => frame && this.follow(frame),
            () => [this.frame.el]
        );
    }

    /** As soon as the document is there, images or not, and for as long as it is shown. */
    follow(frame) {
        let request;
        const observer = new ResizeObserver(() => this.measure(frame));
        const onKeydown = (ev) => this.props.onKeydown?.(ev);
        const start = () => {
            const shown = frame.contentDocument;
            if (shown?.URL === "about:srcdoc" && shown.body && shown.readyState !== "loading") {
                observer.observe(shown.body);
                shown.addEventListener("keydown", onKeydown);
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
