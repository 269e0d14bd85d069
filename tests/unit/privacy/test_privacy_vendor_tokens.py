"""Vendors' token formats: each documented shape is found, a near miss isn't. All values are made up here."""

import random
import string

import pytest

from witting.device.privacy.credentials import find_vendor_tokens
from witting.device.privacy.sample import make_sample
from witting.device.privacy.vendor_tokens import VENDOR_TOKENS

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
_DRAW = random.Random(7)


def draw(alphabet: str, count: int) -> str:
    """Return `count` characters drawn from an alphabet."""
    return "".join(_DRAW.choice(alphabet) for _ in range(count))


UPPER = string.ascii_uppercase + string.digits
UUID = "-".join(draw(HEX, n) for n in (8, 4, 4, 4, 12))
# vendor → an example after its public documentation, put together so that no scanner takes this file for a leak
EXAMPLES = {
    "1password_service_account": "ops_" + "eyJ" + draw(ALNUM, 80),
    "adobe_client_secret": "p8e-" + draw(ALNUM, 32),
    "age_secret_key": "AGE-SECRET-KEY-1" + draw(UPPER, 58),
    "airtable_pat": "pat" + draw(ALNUM, 14) + "." + draw(HEX, 64),
    "alibaba_access_key": "LTAI" + draw(ALNUM, 20),
    "anthropic_api_key": "sk-" + "ant-api03-" + draw(ALNUM, 90),
    "atlassian_token": "ATATT3x" + draw(ALNUM, 180),
    "aws_access_key_id": "AKIA" + draw(UPPER, 16),
    "azure_client_secret": "abc8Q~" + draw(ALNUM, 34),
    "bitbucket_app_password": "ATBB" + draw(ALNUM, 32),
    "braintree_token": "access_token$production$" + draw(HEX, 16) + "$" + draw(HEX, 32),
    "clojars_token": "CLOJARS_" + draw(HEX, 60),
    "cloudflare_origin_ca": "v1.0-" + draw(HEX, 24) + "-" + draw(HEX, 146),
    "contentful_token": "CFPAT-" + draw(ALNUM, 43),
    "databricks_token": "dapi" + draw(HEX, 32),
    "digitalocean_token": "dop_v1_" + draw(HEX, 64),
    "discord_bot_token": "M" + draw(ALNUM, 23) + "." + draw(ALNUM, 6) + "." + draw(ALNUM, 38),
    "discord_webhook": "https://discord.com/api/webhooks/1234567890/" + draw(ALNUM, 68),
    "docker_pat": "dckr_pat_" + draw(ALNUM, 27),
    "doppler_token": "dp.pt." + draw(ALNUM, 43),
    "dropbox_token": "sl." + draw(ALNUM, 135),
    "duffel_token": "duffel_test_" + draw(ALNUM, 43),
    "dynatrace_token": "dt0c01." + draw(UPPER, 24) + "." + draw(UPPER, 64),
    "easypost_key": "EZAK" + draw(ALNUM, 54),
    "facebook_token": "EAA" + draw(ALNUM, 160),
    "figma_token": "figd_" + draw(ALNUM, 40),
    "flyio_token": "fo1_" + draw(ALNUM, 43),
    "github_token": "gh" + "p_" + draw(ALNUM, 36),
    "github_fine_grained": "github" + "_pat_" + draw(ALNUM, 82),
    "gitlab_token": "glpat-" + draw(ALNUM, 20),
    "google_api_key": "AI" + "za" + draw(ALNUM, 35),
    "google_oauth_token": "ya29." + draw(ALNUM, 60),
    "google_client_secret": "GOCSPX-" + draw(ALNUM, 28),
    "google_refresh_token": "1//0" + draw(ALNUM, 60),
    "grafana_cloud_token": "glc_" + draw(ALNUM, 80),
    "grafana_service_account": "glsa_" + draw(ALNUM, 32) + "_" + draw(HEX, 8),
    "groq_key": "gsk_" + draw(ALNUM, 52),
    "heroku_key": "HRKU-" + UUID,
    "hubspot_token": "pat-na1-" + UUID,
    "huggingface_token": "hf_" + draw(string.ascii_letters, 34),
    "linear_key": "lin_api_" + draw(ALNUM, 40),
    "lob_key": "live_" + draw(HEX, 35),
    "mailchimp_key": draw(HEX, 32) + "-us12",
    "mailgun_key": "key-" + draw(HEX, 32),
    "mapbox_token": "pk.eyJ" + draw(ALNUM, 60) + "." + draw(ALNUM, 22),
    "netlify_token": "nfp_" + draw(ALNUM, 40),
    "newrelic_key": "NRAK-" + draw(UPPER, 27),
    "notion_token": "ntn_" + draw(ALNUM, 46),
    "npm_token": "npm_" + draw(ALNUM, 36),
    "openai_key": "sk-" + "proj-" + draw(ALNUM, 48),
    "perplexity_key": "pplx-" + draw(ALNUM, 48),
    "plaid_token": "access-sandbox-" + UUID,
    "planetscale_token": "pscale_tkn_" + draw(ALNUM, 43),
    "postman_key": "PMAK-" + draw(HEX, 24) + "-" + draw(HEX, 34),
    "prefect_token": "pnu_" + draw(HEX, 36),
    "pulumi_token": "pul-" + draw(HEX, 40),
    "pypi_token": "pypi-" + draw(ALNUM, 100),
    "readme_key": "rdme_" + draw(HEX, 70),
    "replicate_token": "r8_" + draw(ALNUM, 37),
    "rubygems_key": "rubygems_" + draw(HEX, 48),
    "sendgrid_key": "SG." + draw(ALNUM, 22) + "." + draw(ALNUM, 43),
    "sendinblue_key": "xkeysib-" + draw(HEX, 64) + "-" + draw(ALNUM, 16),
    "sentry_token": "sntrys_" + draw(ALNUM, 80),
    "shippo_token": "shippo_live_" + draw(HEX, 40),
    "shopify_token": "shpat_" + draw(HEX, 32),
    "slack_token": "xox" + "b-" + "123456789012-" + draw(ALNUM, 24),
    "slack_app_token": "xapp-1-" + draw(UPPER, 11) + "-1234567890-" + draw(HEX, 64),
    "slack_webhook": "https://hooks.slack.com/services/" + "T00000000/B00000000/" + draw(ALNUM, 24),
    "sonar_token": "squ_" + draw(HEX, 40),
    "square_token": "sq0atp-" + draw(ALNUM, 22),
    "stripe_key": "sk_" + "live_" + draw(ALNUM, 24),
    "stripe_webhook_secret": "whsec_" + draw(ALNUM, 32),
    "supabase_key": "sbp_" + draw(HEX, 40),
    "tailscale_key": "tskey-auth-" + draw(ALNUM, 30),
    "telegram_bot_token": "123456789:AA" + draw(ALNUM, 33),
    "terraform_token": draw(ALNUM, 14) + ".atlasv1." + draw(ALNUM, 67),
    "twilio_key": "SK" + draw(HEX, 32),
    "twitter_bearer": "A" * 22 + draw(ALNUM, 80),
    "typeform_token": "tfp_" + draw(ALNUM, 59),
    "vault_token": "hvs." + draw(ALNUM, 90),
}


def test_every_format_has_an_example() -> None:
    """No format is listed without a test of its own."""
    assert set(EXAMPLES) == {vendor for vendor, _ in VENDOR_TOKENS}


@pytest.mark.parametrize("vendor", EXAMPLES)
def test_token_is_found_whole(vendor: str) -> None:
    """A token in running text is found from its first to its last character."""
    token = EXAMPLES[vendor]
    text = f'export KEY="{token}", then restart'
    spans = {text[f.start : f.end] for f in find_vendor_tokens(make_sample(text))}
    assert token in spans


@pytest.mark.parametrize("vendor", EXAMPLES)
def test_prefix_alone_is_no_token(vendor: str) -> None:
    """The first characters of a format, without its secret part, aren't taken for one."""
    text = f"the prefix {EXAMPLES[vendor][:6]} is documented"
    assert list(find_vendor_tokens(make_sample(text))) == []
