/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_mail_sync_exclude", {
    steps: () => [
        { trigger: ".o_data_row:contains('Newest letter') td[name='subject']", run: "click" },
        { trigger: ".o_crm_mail_letter_form h1:contains('Newest letter')" },
        { trigger: ".o_cp_action_menus .fa-cog", run: "click" },
        { trigger: ".o-dropdown-item:contains('Exclude sender or domain')", run: "click" },
        {
            content: "who sent it is filled in, and what the rule does stands there before it is saved",
            trigger: ".modal .o_crm_mail_rule_meaning:contains('Emails that astrid@lindqvist.example sends will not be archived')",
        },
        { trigger: ".modal .o_crm_mail_rule_preview:contains('it would have left out 1')" },
        { trigger: ".modal .o_field_widget[name='preview_ids'] .o_data_row:contains('Newest letter')" },
        { content: "one step to the whole domain", trigger: ".modal [name='kind'] input", run: "click" },
        { trigger: ".o_select_menu_item:contains('A domain')", run: "click" },
        { trigger: ".modal .o_crm_mail_rule_meaning:contains('somebody at lindqvist.example')" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_crm_mail_letter_form" },
    ],
});

registry.category("web_tour.tours").add("crm_mail_sync_domains", {
    steps: () => [
        { trigger: ".nav-link[name='mail_domains']", run: "click" },
        { trigger: "[name='mail_domain_ids'] .o_data_row:contains('lindqvist.example'):contains('Email')" },
        {
            trigger: "[name='mail_domain_ids'] .o_data_row:contains('lindqvist-old.test') .o_list_record_remove",
            run: "click",
        },
        { trigger: "[name='mail_domain_ids'] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: "[name='mail_domain_ids'] .o_selected_row [name='domain'] input", run: "edit https://www.Lindqvist.test" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "[name='mail_domain_ids'] .o_data_row:contains('lindqvist.test'):contains('Entered by hand')" },
        { trigger: "[name='mail_domain_ids']:not(:has(.o_data_row:contains('lindqvist-old.test')))" },
    ],
});
