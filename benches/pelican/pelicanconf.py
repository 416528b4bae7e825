"""The Pelican site of the benchmark: items' pages, and the paged lists of columns (categories), districts and topics (tags)."""

import json
from pathlib import Path

FACTS = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
SITENAME = FACTS["site"]["title"]
SITEURL = ""
PATH = "content"
THEME = "theme"
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh_cn"
# /news/2021/01/name.html, as in Xinfeng.
ARTICLE_URL = ARTICLE_SAVE_AS = "{category}/{date:%Y}/{date:%m}/{slug}.html"
CATEGORY_URL = "{slug}/"
CATEGORY_SAVE_AS = "{slug}/index.html"
# A tag is named `topics/volunteer`; its slug is the same.
TAG_URL = "{slug}/"
TAG_SAVE_AS = "{slug}/index.html"
TAG_REGEX_SUBSTITUTIONS = []
PAGINATED_TEMPLATES = {"category": FACTS["page_size"], "tag": FACTS["page_size"]}
PAGINATION_PATTERNS = [(1, "{url}", "{save_as}"), (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html")]
DIRECT_TEMPLATES = ["index"]
AUTHOR_SAVE_AS = ""
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
