/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_mail_sync_assign", {
    steps: () => [
        { trigger: ".o_crm_mail_letter_form button[name='action_assign']", run: "click" },
        {
            content: "who has the address is offered with the reason",
            trigger: ".o_crm_mail_candidates button:contains('has the address astrid@lindqvist.example')",
            run: "click",
        },
        { trigger: ".o_field_widget[name='partner_ids'] .o_tag:contains('Astrid Lindqvist')" },
        { trigger: ".o_crm_mail_assign:contains('Will be read by all salespeople')" },
        { trigger: ".modal button[name='action_apply']", run: "click" },
        { trigger: ".o_field_widget[name='link_ids'] li:contains('Assigned by hand')" },
        { trigger: ".o_notification:contains('Email assigned to') button:contains('Undo')", run: "click" },
        {
            content: "it belongs to nobody again",
            trigger: ".o_crm_mail_letter_form:not(:has(.o_field_widget[name='link_ids'] li))",
        },
        {
            content: "a customer found by his address, and all that is exchanged with him",
            trigger: "button[name='action_assign']",
            run: "click",
        },
        { trigger: ".o_field_widget[name='partner_ids'] input", run: "edit info@lindqvist" },
        { trigger: ".o-autocomplete--dropdown-item a:contains('Lindqvist AB')", run: "click" },
        { trigger: ".o_crm_mail_scope label:contains('Everything with astrid@lindqvist.example'):contains('1 email')", run: "click" },
        { trigger: ".o_crm_mail_scope:contains('New emails will follow')" },
        { trigger: ".modal button[name='action_apply']", run: "click" },
        { trigger: ".o_field_widget[name='link_ids'] a:contains('Lindqvist AB')" },
    ],
});

tours.add("crm_mail_sync_assign_list", {
    steps: () => [
        { trigger: ".o_data_row:contains('Harbour crane') input[type='checkbox']", run: "click" },
        { trigger: ".o_data_row:contains('Roof') input[type='checkbox']", run: "click" },
        { trigger: "button[name='action_assign']", run: "click" },
        { trigger: ".modal-title:contains('Assign 2 emails')" },
        {
            content: "a lead is found by whom it is of",
            trigger: ".o_field_widget[name='lead_ids'] input",
            run: "edit planner@bygg",
        },
        { trigger: ".o-autocomplete--dropdown-item a:contains('New warehouse')", run: "click" },
        { trigger: ".modal button[name='action_apply']", run: "click" },
        { trigger: ".o_notification:contains('2 emails assigned to New warehouse')" },
        { trigger: "body:not(:has(.modal))" },
    ],
});

tours.add("crm_mail_sync_unassign", {
    steps: () => [
        { trigger: ".o-crm-mail-letter:contains('Harbour crane')", run: "hover && click .o-crm-mail-letter [title='Expand']" },
        { trigger: ".o-dropdown-item:contains('Does not belong here')", run: "click" },
        { trigger: ".o-mail-Chatter:not(:has(.o-crm-mail-letter))" },
        { trigger: ".o_notification:contains('Email removed from') button:contains('Undo')", run: "click" },
        { trigger: ".o-crm-mail-letter:contains('Harbour crane')" },
    ],
});

tours.add("crm_mail_sync_create_lead", {
    steps: () => [
        { trigger: "button[name='action_create_lead']", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name='name'] textarea:value(Eight desks), .o_form_view h1 input:value(Eight desks)" },
        { trigger: ".o-crm-mail-letter:contains('Eight desks')" },
    ],
});
