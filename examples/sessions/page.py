"""The one page of the shop."""

from __future__ import annotations

import html
from collections.abc import Mapping
from string import Template
from types import MappingProxyType

THINGS = ("tea", "coffee", "cake")
HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
SHOWN_OF_ID = 6

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The corner shop</title>
<link rel="icon" href="data:,">
<style>
body { font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1c2430 }
header { border-left: .5rem solid $colour; padding-left: 1rem; margin-bottom: 2rem }
h1 { margin: 0; font-size: 1.7rem } p.by { margin: 0; color: #5a6675 }
section { border: 1px solid #d8dee6; border-radius: .5rem; padding: 1rem 1.25rem; margin: 1rem 0 }
label { display: block; margin: .5rem 0 } input { font: inherit; padding: .3rem .5rem; width: 14rem }
button { font: inherit; padding: .3rem .9rem; border: 0; border-radius: .3rem; background: #1c5fb8; color: #fff }
form.row { display: flex; justify-content: space-between; align-items: center; margin: .4rem 0 }
.quiet button { background: #e8ecf1; color: #1c2430 } p.message { color: #a3261c } code { font-size: 1rem }
</style>
</head>
<body data-instance="$instance" data-user="$user" data-session="$session" data-basket="$basket">
<header>
<h1>The corner shop</h1>
<p class="by">answered by instance <b>$instance</b>, session <code>$session</code></p>
</header>
$message
$content
</body>
</html>
""")
_LOG_IN = Template("""<section>
<form method="post" action="/login">
<input type="hidden" name="token" value="$token">
<label>Name<br><input name="user" autocomplete="username" required></label>
<label>Password<br><input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
</section>""")
_THING = Template("""<form class="row" method="post" action="/basket">
<input type="hidden" name="token" value="$token">
<input type="hidden" name="thing" value="$thing">
<span>$thing: <b>$count</b></span><button data-thing="$thing">Add</button>
</form>""")
_SIGNED_IN = Template("""<section>
<p>Signed in as <b>$user</b>. Your basket:</p>
$things
</section>
<form class="quiet" method="post" action="/logout">
<input type="hidden" name="token" value="$token"><button>Sign out</button>
</form>""")


def render(
    *, instance: str, session_id: str, user: str | None, basket: Mapping[str, int], token: str, message: str
) -> str:
    """Return the page.

    Args:
        instance: who answers.
        session_id: the id of the session, of which the end is shown; empty where there is none yet.
        user: who is signed in; None for nobody.
        basket: how many of each thing.
        token: what forms of this session carry.
        message: what to tell; empty for nothing.
    """
    things = "\n".join(
        _THING.substitute(token=html.escape(token), thing=thing, count=count) for thing, count in basket.items()
    )
    content = (
        _LOG_IN.substitute(token=html.escape(token))
        if user is None
        else _SIGNED_IN.substitute(token=html.escape(token), user=html.escape(user), things=things)
    )
    return _PAGE.substitute(
        colour=f"hsl({sum(instance.encode()) * 67 % 360} 60% 45%)",
        instance=html.escape(instance),
        user=html.escape(user or ""),
        session=html.escape(session_id[-SHOWN_OF_ID:] or "none yet"),
        basket=",".join(f"{thing}={count}" for thing, count in basket.items() if count),
        message=f'<p class="message">{html.escape(message)}</p>' if message else "",
        content=content,
    )
