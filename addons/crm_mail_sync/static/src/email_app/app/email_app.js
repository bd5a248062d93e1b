/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillStart, useRef, useState, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { SIZES } from "@web/core/ui/ui_service";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Commands } from "../commands/commands";
import { FolderTree } from "../folders/folder_tree";
import { useKeyboard } from "../keyboard/keyboard_hook";
import { ShortcutsDialog } from "../keyboard/shortcuts_dialog";
import { ConversationList } from "../list/conversation_list";
import { ReadingPane } from "../reading/reading_pane";
import { SearchBox } from "../search/search_box";
import { LeftDrafts } from "../states/left_drafts";
import { StateBanner } from "../states/state_banner";
import { StateScreen } from "../states/state_screen";
import { EmailStore } from "../store/email_store";
import { useLive } from "../store/live";
import { firstPlace, usePlaceInAddress } from "../store/place_hook";
import { useWatching } from "../store/watching";

/** The mail client: folders, conversations and what one reads, side by side as far as there is room. */
export class EmailApp extends Component {
    static template = "crm_mail_sync.EmailApp";
    static components = {
        ...{ ConversationList, FolderTree, Layout, LeftDrafts },
        ...{ ReadingPane, SearchBox, StateBanner, StateScreen },
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.root = useRef("root");
        this.ui = useState(useService("ui"));
        // Not bound to this component: what is under way ends, and can be undone, after one has left.
        this.email = useState(new EmailStore(this.env.services, firstPlace(this.props)));
        this.commands = new Commands(this.email);
        this.state = useState({ showsFolders: false });
        useSubEnv({ email: this.email, commands: this.commands });
        usePlaceInAddress(this.email);
        useLive(this.email);
        useWatching(this.email);
        useKeyboard(this.root, {
            email: this.email,
            commands: this.commands,
            openHelp: () => this.openHelp(),
        });
        onWillStart(() => {
            this.email.start();
        });
    }

    /** A phone has room for one bar, which is the app's own. */
    get display() {
        return { controlPanel: this.ui.isSmall ? false : {} };
    }

    get hasFoldersAside() {
        return this.ui.size >= SIZES.XL;
    }

    /** On a phone one thing at a time. */
    get showsList() {
        return !this.ui.isSmall || !this.email.place.letter;
    }

    get showsReading() {
        return !this.ui.isSmall || Boolean(this.email.place.letter);
    }

    get showsBar() {
        return this.email.phase === "shown" && this.email.hasList;
    }

    openHelp() {
        this.env.services.dialog.add(ShortcutsDialog);
    }

    toggleFolders() {
        this.state.showsFolders = !this.state.showsFolders;
    }

    onFolderChosen() {
        this.state.showsFolders = false;
    }

    onFoldersKeydown(ev) {
        if (ev.key === "Escape") {
            ev.stopPropagation();
            this.state.showsFolders = false;
        }
    }
}

registry.category("lazy_components").add("crm_mail_sync.EmailApp", EmailApp);
