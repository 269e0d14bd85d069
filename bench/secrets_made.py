"""Secrets in the formats that vendors document, and strings that only look like secrets; all drawn by seed, none ever issued.

A format is a line of literal text and `<alphabet*length>` parts, written down from the vendors' public documentation and not from our own
patterns, so that a slip in those shows.
"""

import base64
import random
import re
import string
import uuid

_ALPHABETS = {
    "a": string.ascii_letters + string.digits, "l": string.ascii_lowercase + string.digits, "U": string.ascii_uppercase + string.digits,
    "h": "0123456789abcdef", "d": string.digits, "w": string.ascii_letters + string.digits + "-_", "L": string.ascii_letters,
    "b": string.ascii_letters + string.digits + "+/", "2": string.ascii_uppercase + "234567",
}  # fmt: skip
_PART = re.compile(r"<(\w)\*(\d+)>")
_UUID = "<h*8>-<h*4>-<h*4>-<h*4>-<h*12>"
FORMATS: dict[str, str] = {
    "GitHub classic": "ghp_<a*36>", "GitHub OAuth": "gho_<a*36>", "GitHub app": "ghs_<a*36>", "GitHub refresh": "ghr_<a*36>",
    "GitHub fine-grained": "github_pat_<a*22>_<a*59>", "GitLab": "glpat-<w*20>", "GitLab runner": "glrt-<w*20>",
    "AWS key id": "AKIA<2*16>", "AWS temporary": "ASIA<2*16>", "AWS secret, named": "aws_secret_access_key=<b*40>",
    "Google API": "AIza<w*35>", "Google OAuth client": "GOCSPX-<w*28>", "Google access": "ya29.<w*120>", "Azure client": "<a*3>8Q~<a*34>",
    "Azure storage, named": "AccountKey=<b*86>==", "Stripe live": "sk_live_<a*24>", "Stripe restricted": "rk_live_<a*24>",
    "Stripe webhook": "whsec_<a*32>", "Slack bot": "xoxb-<d*12>-<d*12>-<a*24>", "Slack user": "xoxp-<d*12>-<d*12>-<d*12>-<h*32>",
    "Slack app": "xapp-1-<U*11>-<d*13>-<h*64>", "Slack webhook": "https://hooks.slack.com/services/T<U*8>/B<U*8>/<a*24>",
    "OpenAI": "sk-<a*48>", "OpenAI project": "sk-proj-<w*74>T3BlbkFJ<w*74>", "Anthropic": "sk-ant-api03-<w*93>AA",
    "Hugging Face": "hf_<L*34>",
    "Groq": "gsk_<a*52>", "Perplexity": "pplx-<a*48>", "Replicate": "r8_<a*37>", "npm": "npm_<a*36>", "PyPI": "pypi-AgEIcHlwaS5vcmc<w*150>",
    "RubyGems": "rubygems_<h*48>", "Docker": "dckr_pat_<w*27>", "DigitalOcean": "dop_v1_<h*64>", "Heroku": "HRKU-<w*60>",
    "SendGrid": "SG.<w*22>.<w*43>", "Mailchimp": "<h*32>-us12", "Mailgun": "key-<h*32>", "Brevo": "xkeysib-<h*64>-<a*16>",
    "Twilio key": "SK<h*32>", "Telegram bot": "<d*10>:AA<w*33>", "Discord webhook": "https://discord.com/api/webhooks/<d*18>/<w*68>",
    "Shopify": "shpat_<h*32>", "Square": "sq0atp-<w*22>", "Databricks": "dapi<h*32>", "Vault": "hvs.<w*90>",
    "Terraform": "<a*14>.atlasv1.<w*67>",
    "Pulumi": "pul-<h*40>", "Postman": "PMAK-<h*24>-<h*34>", "Notion": "ntn_<a*46>", "Linear": "lin_api_<a*40>", "Figma": "figd_<w*40>",
    "Airtable": "pat<a*14>.<h*64>", "Grafana": "glsa_<a*32>_<h*8>", "New Relic": "NRAK-<U*27>", "Sentry": "sntryu_<h*64>",
    "Doppler": "dp.pt.<a*43>", "Dynatrace": "dt0c01.<U*24>.<U*64>", "Tailscale": "tskey-auth-<a*17>-<a*32>",
    "PlanetScale": "pscale_tkn_<w*43>",
    "Supabase": "sbp_<h*40>", "Netlify": "nfp_<a*36>", "1Password": "ops_eyJ<w*250>", "Age": "AGE-SECRET-KEY-1<U*58>",
    "HubSpot": f"pat-na1-{_UUID}", "Plaid": f"access-production-{_UUID}", "Adobe": "p8e-<a*32>", "Alibaba": "LTAI<a*20>",
    "Contentful": "CFPAT-<w*43>", "Duffel": "duffel_live_<w*43>", "EasyPost": "EZAK<a*54>", "Fly.io": "fo1_<w*43>", "Prefect": "pnu_<l*36>",
    "ReadMe": "rdme_<l*70>", "Shippo": "shippo_live_<h*40>", "Clojars": "CLOJARS_<l*60>", "SonarQube": "sqp_<h*40>",
    "Atlassian": "ATATT3xFfGF0<w*180>",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJ<w*60>.<w*43>", "Postgres address": "postgresql://app:<a*16>@db.example.org/main",
}  # fmt: skip
_GROWN = ("get", "User", "Account", "Settings", "By", "Id", "Handler", "Factory", "V2", "Http")
_AROUND = ("{}", "use {} for the build", "export KEY={}", '"value": "{}",', "curl -H 'X-Key: {}'", "({})", "{} works here too.")


def _fill(form: str, rng: random.Random) -> str:
    """Return a value of a format."""
    return _PART.sub(lambda part: "".join(rng.choice(_ALPHABETS[part[1]]) for _ in range(int(part[2]))), form)


def secrets(each: int, seed: int) -> list[tuple[str, str, int, int]]:
    """Return format, text, and where in it the secret stands."""
    rng = random.Random(seed)
    made = []
    for name, form in FORMATS.items():
        for _ in range(each):
            value, around = _fill(form, rng), rng.choice(_AROUND)
            start = around.index("{}")
            made.append((name, around.replace("{}", value), start, start + len(value)))
    return made


def look_alikes(each: int, seed: int) -> list[tuple[str, str]]:
    """Return kind and text of what looks like a secret and is none."""
    rng = random.Random(seed)

    def draw(form: str) -> str:
        return _fill(form, rng)

    makers = {
        "uuid": lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "git commit": lambda: draw("<h*40>"),
        "git commit, short": lambda: draw("<h*8>"),
        "sha-256": lambda: draw("<h*64>"),
        "image in base64": lambda: "data:image/png;base64,iVBORw0KGgo" + base64.b64encode(rng.randbytes(rng.randint(40, 400))).decode(),
        "css module": lambda: draw(rng.choice(["Button_root__<a*5>", "css-<l*7>", "sc-<L*6> <L*5>", "_wrapper_<l*5>_<d*2>"])),
        "asset": lambda: draw(rng.choice(["main.<h*8>.js", "app-<h*20>.css", "chunk-<U*8>.js", "logo.<h*32>.svg"])),
        "part number": lambda: draw(rng.choice(["WD-<U*4>-<d*4>", "<d*4>-<U*3>-<d*2>", "PN <U*2><d*6>", "<U*3><d*4>/<d*2>"])),
        "subresource hash": lambda: "sha384-" + base64.b64encode(rng.randbytes(48)).decode(),
        "docker image": lambda: "registry.example.org/app@sha256:" + draw("<h*64>"),
        "path": lambda: "/usr/lib/" + draw("<L*12>") + "/" + draw("<l*10>") + ".so." + draw("<d*1>"),
        "long name": lambda: "".join(
            rng.choice(["get", "User", "Account", "Settings", "By", "Id", "Handler", "Factory", "V2", "Http"]) for _ in range(6)
        ),
    }
    around = ("{}", "see {} for more", "id: {}", "{}, built today", "[{}]")
    return [(kind, rng.choice(around).replace("{}", make())) for kind, make in makers.items() for _ in range(each)]
