/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_mail_sync_chatter", {
    steps: () => [
        {
            content: "the newest letter stands above the comment",
            trigger: ".o-mail-Message:has(a:contains('Newest letter')) ~ .o-mail-Message:contains('Called her')",
        },
        {
            content: "older letters come with scrolling",
            trigger: ".o-mail-Message:last",
            run() {
                this.anchor.scrollIntoView();
            },
        },
        { trigger: ".o-mail-Message a:contains('Oldest letter')" },
        {
            content: "a letter offers no reply",
            trigger: ".o-crm-mail-letter:has(a:contains('Newest letter')):has(.fa-paper-plane-o)",
            run: "hover",
        },
        { trigger: ".o-crm-mail-letter:has(a:contains('Newest letter')):not(:has([name='reply-to']))" },
        {
            content: "its text is in the chatter",
            trigger: ".o-crm-mail-letter:has(a:contains('Newest letter')) .o-mail-Message-body > div:shadow b:contains('bold offer')",
        },
        {
            content: "its file can be taken, and not be removed",
            trigger: ".o-crm-mail-letter .o-mail-AttachmentContainer[aria-label='offer.pdf']:has([title=Download])",
        },
        { trigger: ".o-mail-AttachmentContainer[aria-label='offer.pdf']:not(:has(.o-mail-Attachment-unlink))" },
        {
            content: "its subject opens the whole letter",
            trigger: ".o-mail-Message-header a:contains('Newest letter')",
            run: "click",
        },
        { trigger: ".o_crm_mail_letter_form .o_field_widget[name='from_line']:contains('Astrid Lindqvist')" },
        { trigger: ".o_crm_mail_letter_form .o_crm_mail_file:contains('offer.pdf')" },
        { trigger: ":iframe body b:contains('bold offer')" },
        {
            content: "and from there the customer",
            trigger: ".o_field_widget[name='link_ids'] a:contains('Astrid Lindqvist')",
            run: "click",
        },
        {
            content: "whose letters are one click away",
            trigger: "button[name='action_open_letters']:contains('32')",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Newest letter')" },
    ],
});

registry.category("web_tour.tours").add("crm_mail_sync_list", {
    steps: () => [
        { trigger: ".o_list_view .o_data_row:contains('Harbour crane')" },
        {
            content: "find it by a word of its text",
            trigger: ".o_searchview_input",
            run: "edit zweiundvierzig",
        },
        { trigger: ".o_searchview_autocomplete .o-dropdown-item:first", run: "click" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('Roof repair')))" },
        { trigger: ".o_data_row:contains('Harbour crane') td[name='subject']", run: "click" },
        { trigger: ".o_crm_mail_letter_form h1:contains('Harbour crane')" },
        { trigger: ".o_crm_mail_letter_form:not(:has(.o_form_editable))" },
        { trigger: ":iframe body:contains('Zweiundvierzig')" },
    ],
});
