# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A second client, Microsoft's own for Graph, accepts the stand-in as well."""

from __future__ import annotations

import asyncio
import ssl
import time

import httpx
import pytest
from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from .conftest import ADDRESS, mail


class Given:
    """A credential of azure-core that has its token already."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken(self._token, int(time.time()) + 3_000)


@pytest.fixture
def sdk(far, account):
    token = far.grant(ADDRESS, ["Mail.ReadWrite", "Mail.Send", "User.Read"])["access_token"]
    provider = AzureIdentityAuthenticationProvider(Given(token), allowed_hosts=["localhost"])
    http = httpx.AsyncClient(verify=ssl.create_default_context(cafile=str(far.ca_file)), trust_env=False)
    adapter = GraphRequestAdapter(
        provider, GraphClientFactory.create_with_default_middleware(client=http, options=options)
    )
    adapter.base_url = f"{far.endpoints['graph']}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def test_the_sdk_reads_and_sends(far, account, sdk):
    bob = far.add_account("bob@sandbox.example")
    account.add_folder("Customers")
    ids = {account.deliver(mail(number)) for number in range(3)}
    asyncio.run(use(sdk, len(ids)))
    assert len(bob.ids("inbox")) == 1


async def use(sdk: GraphServiceClient, count: int) -> None:
    me = await sdk.me.get()
    assert me.mail == ADDRESS
    folders = await sdk.me.mail_folders.get()
    assert "Customers" in {folder.display_name for folder in folders.value}
    page = await sdk.me.mail_folders.by_mail_folder_id("inbox").messages.delta.get()
    assert len(page.value) == count
    assert page.odata_delta_link
    builder = sdk.me.mail_folders.by_mail_folder_id("inbox").messages.delta.with_url(page.odata_delta_link)
    assert (await builder.get()).value == []
    message = sdk.me.messages.by_message_id(page.value[0].id)
    assert b"this is letter" in await message.content.get()
    letter = Message(
        subject="Hello",
        body=ItemBody(content="Hi.", content_type=BodyType.Text),
        to_recipients=[Recipient(email_address=EmailAddress(address="bob@sandbox.example"))],
    )
    await sdk.me.send_mail.post(SendMailPostRequestBody(message=letter, save_to_sent_items=True))
